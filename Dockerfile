# The program in an image of its own: built with cargo and a C compiler, run by an unprivileged user.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin motcua

FROM debian:bookworm-slim
RUN useradd --system --create-home --home-dir /var/lib/motcua motcua
COPY --from=build /src/target/release/motcua /usr/local/bin/motcua
USER motcua
# Keys (and, without DATABASE_URL, the SQLite database) lie here: keep it on a volume.
ENV MOTCUA_DATA=/var/lib/motcua MOTCUA_ADDR=0.0.0.0:8080
VOLUME /var/lib/motcua
EXPOSE 8080
ENTRYPOINT ["motcua"]
CMD ["serve"]
