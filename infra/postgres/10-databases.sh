#!/bin/sh
# Runs once, on an empty data folder: what infra/local/postgres/provision.py gives each service, given here by
# the image's own start. The owner migrates; the app role owns nothing, so row security binds it.
set -eu

for service in request matching roster billing identity; do
    upper=$(printf '%s' "$service" | tr '[:lower:]' '[:upper:]')
    eval "owner_password=\${VESPER_${upper}_OWNER_PASSWORD:?}"
    eval "app_password=\${VESPER_${upper}_APP_PASSWORD:?}"
    # Passwords travel in the environment (\getenv), not among the arguments, where ps would show them.
    OWNER_PASSWORD="$owner_password" APP_PASSWORD="$app_password" \
        psql --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        --set ON_ERROR_STOP=1 --set service="$service" <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\set owner :service '_owner'
\set app :service '_app'
\set database 'vesper_' :service
CREATE ROLE :"owner" LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE DATABASE :"database" OWNER :"owner" ENCODING 'UTF8' TEMPLATE template0;
\connect :"database"
SET ROLE :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO :"owner";
GRANT CONNECT ON DATABASE :"database" TO :"app";
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO :"app";
SQL
done
