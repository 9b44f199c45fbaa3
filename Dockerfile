# The bot, and nothing else: no compiler, no development tools, no root.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE manifest.yaml ./
COPY bot bot
COPY commands commands
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /dist .

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 \
    COPY_BACKUP_CONFIG=/etc/copy-backup/copy-backup.yaml \
    COPY_BACKUP_DATABASE_URL=sqlite:////var/lib/copy-backup/copy-backup.sqlite3
COPY --from=build /dist /dist
RUN wheel=$(echo /dist/copy_backup-*.whl) \
    && pip install --no-cache-dir "${wheel}[postgres]" \
    && rm -r /dist \
    && useradd --system --uid 10001 --home-dir /var/lib/copy-backup --create-home copy-backup
USER 10001
WORKDIR /var/lib/copy-backup
# Where the SQLite file lives unless COPY_BACKUP_DATABASE_URL names PostgreSQL.
VOLUME /var/lib/copy-backup
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:3000/healthz', timeout=4)"]
ENTRYPOINT ["copy-backup"]
CMD ["run", "--host", "0.0.0.0", "--port", "3000"]
