# Waybill in one image: docker build --build-arg VERSION="$(git describe --tags --always)" -t waybill .

FROM node:22-bookworm-slim AS pages
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=pages /src/web/dist web/dist
ARG VERSION=unknown
RUN go build -trimpath -ldflags "-X main.version=${VERSION}" -o /waybill ./cmd/waybill

FROM debian:bookworm-slim
# curl asks for readiness; the PostgreSQL client is for backup and restore. The server is elsewhere, so
# WAYBILL_DATABASE_URL must be set.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl postgresql-client tzdata \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --create-home --home-dir /var/lib/waybill waybill
COPY --from=build /waybill /usr/local/bin/waybill
USER waybill
WORKDIR /var/lib/waybill
# Reachable from outside the container; what is published is decided there.
ENV WAYBILL_HTTP_ADDRESS=0.0.0.0:8080 \
  WAYBILL_GRPC_ADDRESS=0.0.0.0:9090 \
  WAYBILL_MQTT_ADDRESS=0.0.0.0:1883 \
  WAYBILL_LOG_FORMAT=json
EXPOSE 8080 9090 1883
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["waybill"]
CMD ["serve"]
