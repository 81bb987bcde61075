#!/usr/bin/env bash
# Copies the libraries of the mock server's pages out of their npm packages, whose versions tools/web pins.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=build/web
static=mock/aioz_stream_mock/static
mkdir -p "$packages"
cp tools/web/package.json tools/web/package-lock.json tools/web/.npmrc "$packages/"
npm ci --silent --prefix "$packages"

# copied FROM TO: without the remark that leads a browser to a source map which isn't there.
copied() {
  sed -E 's,/[/*]# sourceMappingURL=[^*]*(\*/)?$,,' "$packages/node_modules/$1" > "$static/$2"
}

mkdir -p "$static/shaka-player" "$static/swagger-ui"
copied shaka-player/dist/shaka-player.compiled-es2021.js shaka-player/shaka-player.js
copied shaka-player/LICENSE shaka-player/LICENSE
copied swagger-ui-dist/swagger-ui-bundle.js swagger-ui/swagger-ui-bundle.js
copied swagger-ui-dist/swagger-ui.css swagger-ui/swagger-ui.css
for text in LICENSE NOTICE swagger-ui-bundle.js.LICENSE.txt; do
  copied "swagger-ui-dist/$text" "swagger-ui/$text"
done
