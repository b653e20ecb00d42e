# The image that the chart runs. Bases are pinned by tag, to the Node of package-lock.json; for a build that can be repeated to the
# byte pin them by digest as well (docker buildx imagetools inspect node:24.21.0-bookworm-slim).

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
# The optional ones are Node itself, which the base has, and what only some databases need (docs/connectors/sql-odbc.md).
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="Rollcall" org.opencontainers.image.licenses="Apache-2.0"
# Nobody has a home: the root file system is read-only in the cluster, and /tmp is not.
ENV NODE_ENV=production HOME=/tmp
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=dependencies /build/node_modules node_modules
COPY --from=build /build/dist dist
RUN chmod +x dist/main.js && ln -s /app/dist/main.js /usr/local/bin/rollcall
# The chart's own, and nobody's on a node.
USER 65532:65532
ENTRYPOINT ["rollcall"]
CMD ["help"]
