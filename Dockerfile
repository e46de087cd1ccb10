# Debian, not Alpine: Temporal's core is built for glibc.
ARG NODE_IMAGE=node:24.21-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: one of them installs Node for development, and this image has its own.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN node scripts/build.ts

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
# The slim image has no certificate authorities, which TLS to Temporal needs.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production \
  MALLOC_ARENA_MAX=2 \
  NODE_OPTIONS=--max-semi-space-size=2 \
  SHARDLIFT_DUMP_DIRECTORY=/data/dumps \
  SHARDLIFT_REPORT_DIRECTORY=/data/reports
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
# New volumes get the owner of these folders. `docker compose exec worker shardlift` finds the command.
RUN mkdir -p /data/dumps /data/reports \
  && chown node:node /data/dumps /data/reports \
  && ln -s /app/dist/cli/main.js /usr/local/bin/shardlift
USER node
VOLUME ["/data/dumps", "/data/reports"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker"]
