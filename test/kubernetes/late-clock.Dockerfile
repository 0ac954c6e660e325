# The image with a clock that is ten minutes late; what Node measures time with is left alone.
ARG IMAGE
FROM debian:bookworm-slim AS clock
RUN apt-get update && apt-get install --yes --no-install-recommends libfaketime && cp "$(find /usr/lib -name libfaketime.so.1)" /
FROM ${IMAGE}
COPY --from=clock /libfaketime.so.1 /usr/lib/
ENV LD_PRELOAD=/usr/lib/libfaketime.so.1 FAKETIME=-10m FAKETIME_DONT_FAKE_MONOTONIC=1
