# A service's image. SERVICE says which: market-data, signals, risk, execution, portfolio or alerts.
# Build it from the root of the repository:
#   docker build --file deploy/images/service.Dockerfile --build-arg SERVICE=risk \
#       --tag tidegate-risk .

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV PATH=/build/tools/bin:$PATH
COPY requirements-uv.lock ./
RUN python -m venv tools \
    && pip install --no-cache-dir --require-hashes --requirement requirements-uv.lock \
    && python -m venv --without-pip /opt/tidegate
ARG SERVICE
COPY services/${SERVICE}/requirements.lock ./
RUN pip --python /opt/tidegate/bin/python install --no-cache-dir --no-deps --require-hashes \
        --requirement requirements.lock
COPY proto proto
COPY libs libs
COPY services/${SERVICE} services/${SERVICE}
RUN pip wheel --no-cache-dir --no-index --no-deps --no-build-isolation --wheel-dir wheels \
        ./proto ./libs/kernel ./libs/chassis "./services/${SERVICE}" \
    && pip --python /opt/tidegate/bin/python install --no-cache-dir --no-index --no-deps wheels/*

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 tidegate \
    && useradd --uid 10001 --gid tidegate --no-create-home --home-dir /var/lib/tidegate \
        --shell /usr/sbin/nologin tidegate \
    && install --directory --owner=tidegate --group=tidegate --mode=0700 \
        /var/lib/tidegate /var/lib/tidegate/data /var/lib/tidegate/logs \
        /var/lib/tidegate/secrets
COPY --from=build /opt/tidegate /opt/tidegate
COPY deploy/images/healthy.py /opt/tidegate/bin/healthy
COPY deploy/images/serve.py /opt/tidegate/bin/serve
ARG SERVICE
ENV PATH=/opt/tidegate/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    TIDEGATE_SERVICE=${SERVICE} \
    TIDEGATE_HOME=/var/lib/tidegate \
    TIDEGATE_HTTP_HOST=0.0.0.0 \
    TIDEGATE_HTTP_PORT=8080
USER 10001:10001
WORKDIR /var/lib/tidegate
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["healthy", "http://127.0.0.1:8080/livez"]
ENTRYPOINT ["serve"]
