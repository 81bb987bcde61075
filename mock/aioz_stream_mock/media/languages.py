"""Language tags, and the three letters of ISO 639-2 that containers keep instead."""

from __future__ import annotations

UNKNOWN = "und"

# The two letters of ISO 639-1, each followed by its three.
_PAIRS = """
aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bhbih bibis bmbam bnben
bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan dedeu dvdiv dzdzo eeewe elell eneng
eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra fyfry gagle gdgla glglg gngrn guguj gvglv hahau heheb
hihin hohmo hrhrv hthat huhun hyhye hzher iaina idind ieile igibo iiiii ikipk ioido isisl itita iuiku jajpn jvjav
kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor krkau kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim
lnlin lolao ltlit lulub lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob ndnde nenep
ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan pipli plpol pspus ptpor quque rmroh
rnrun roron rurus rwkin sasan scsrd sdsnd sesme sgsag shhbs sisin skslk slslv smsmo snsna sosom sqsqi srsrp ssssw
stsot susun svswe swswa tatam tetel tgtgk ththa titir tktuk tltgl tntsn toton trtur tstso tttat twtwi tytah uguig
ukukr ururd uzuzb veven vivie vovol wawln wowol xhxho yiyid yoyor zazha zhzho zuzul
"""
_THREE = {pair[:2]: pair[2:] for pair in _PAIRS.split()}
_TWO = {three: two for two, three in _THREE.items()}


def three_letters(tag: str) -> str:
    """The code that a container takes for a tag such as `en` or `pt-BR`; `und` when there is none for it."""
    primary = tag.partition("-")[0].lower()
    return primary if len(primary) == 3 else _THREE.get(primary, UNKNOWN)


def tag(code: str) -> str:
    """The tag for a container's code, as players want it: the shortest there is; empty for an unknown language."""
    return "" if code == UNKNOWN else _TWO.get(code, code)


def with_language(init: bytes, code: str) -> bytes:
    """The initialization segment of one track, with its language: ffmpeg's DASH writer leaves it out.

    The media header (`mdhd`) packs the three letters into five bits each, behind two times, the timescale and the
    duration; in its second version three of those are twice as wide.
    """
    header = init.find(b"mdhd")
    place = header + 4 + (32 if init[header + 4 : header + 5] == b"\x01" else 20)
    if header < 0 or len(init) < place + 2 or not (len(code) == 3 and code.isascii() and code.isalpha()):
        return init
    first, second, third = (ord(letter) - 0x60 for letter in code.lower())
    return init[:place] + (first << 10 | second << 5 | third).to_bytes(2) + init[place + 2 :]
