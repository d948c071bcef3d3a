# The build has the compiler and the tests' libraries; the image that is made of it has neither.
FROM node:26.10.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:26.10.0-slim
LABEL org.opencontainers.image.title="Imprimatur" \
      org.opencontainers.image.description="A standalone REST comment-moderation service" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATABASE_URL=file:/data/imprimatur.db
WORKDIR /app
COPY package.json LICENSE ./
COPY desk ./desk
COPY embed ./embed
COPY migrations ./migrations
COPY openapi/openapi.json ./openapi/
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Readers' addresses are in it: for the service's user alone.
RUN mkdir -m 0700 /data && chown node:node /data
USER node
VOLUME ["/data"]
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The exec form: SIGTERM reaches the service itself, which finishes what is in flight. The flag is npm start's.
CMD ["node", "--max-semi-space-size=2", "dist/main.js", "serve"]
