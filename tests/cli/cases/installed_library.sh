# A program of a user: built with nothing but what `make install` puts in place, and run.
for tool in make cc pkg-config; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
build=$(dirname "$BSONMEND")
build=${build#"$ROOT"/}
[ -e "$ROOT/$build/libbsonmend.a" ] || skip "there is no library beside the program"
libraries=$(sed -n 's/^LIBRARIES := //p' "$ROOT/Makefile")
make -s -C "$ROOT" BUILD="$build" DESTDIR="$PWD/root" PREFIX=/usr install || exit 1
(cd root/usr && find . -type f | grep -v '^./include/' | sort)
diff <(cd "$ROOT/include/bsonmend" && ls) <(cd root/usr/include/bsonmend && ls) && echo "all headers"
# A library built to be watched needs the same of the program.
flags=
nm root/usr/lib/libbsonmend.a 2>/dev/null | grep ' U __asan_' >/dev/null && flags="-fsanitize=address,undefined"
nm root/usr/lib/libbsonmend.a 2>/dev/null | grep ' U __gcov_' >/dev/null && flags="$flags --coverage"
for header in root/usr/include/bsonmend/*.h; do
    echo "#include <bsonmend/$(basename "$header")>"
    echo 'extern int alone;'
done >alone.c
cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -Iroot/usr/include -fsyntax-only alone.c || exit 1
cat >count.c <<'C'
#include <bsonmend/bsonmend.h>
#include <stdio.h>

/* The documents of a namespace, and the key of each in its second index. */
static enum bm_status show(const struct bm_event *event, struct bm_keyset *keyset,
                           const struct bm_index *index, struct bm_error *err)
{
    struct bm_buffer text = BM_BUFFER_INIT(65536);
    enum bm_status status = BM_OK;
    for (uint32_t i = 0; status == BM_OK && i < event->batch.count; i++) {
        uint32_t at = event->batch.at[i];
        struct bm_view document = {event->batch.bytes.data + at, event->batch.at[i + 1] - at};
        bm_buffer_clear(&text);
        status = bm_keyset_make(keyset, document, err);
        const struct bm_keys *keys = bm_keyset_keys(keyset, 0);
        if (status == BM_OK && keys->count > 0) {
            status = bm_key_text(index, &keys->keys[0], &text, err);
        }
        if (status == BM_OK) {
            printf("%.*s\n", (int)text.len, (const char *)text.data);
        }
    }
    bm_buffer_free(&text);
    return status;
}

int main(int argc, char **argv)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_source_options options = {.path = argc > 1 ? argv[1] : NULL};
    struct bm_source *source = bm_source_new(&options, &err);
    struct bm_unpacker *unpacker = source != NULL ? bm_unpacker_new(source, &err) : NULL;
    const char *fields[] = {"token", "profile.code"};
    struct bm_index *index = bm_index_of_fields("both", fields, 2, &err);
    const struct bm_index *const indexes[] = {index};
    struct bm_keyset *keyset = index != NULL ? bm_keyset_new(indexes, 1, &err) : NULL;
    enum bm_status status = unpacker != NULL && keyset != NULL ? BM_OK : BM_FAIL;
    uint64_t documents = 0;
    while (status == BM_OK) {
        struct bm_event event;
        status = bm_unpacker_next(unpacker, &event, &err);
        if (status == BM_OK && event.kind == BM_EVENT_BATCH) {
            documents += event.batch.count;
            status = show(&event, keyset, index, &err);
        }
    }
    printf("%llu documents, %s\n", (unsigned long long)documents,
           status == BM_END ? "read to the end" : err.text);
    bm_keyset_free(keyset);
    bm_index_free(index);
    bm_unpacker_free(unpacker);
    bm_source_free(source);
    return status == BM_END ? 0 : bm_error_exit(err.code);
}
C
# shellcheck disable=SC2046,SC2086 # lists of words
cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror $flags -Iroot/usr/include count.c \
    -Lroot/usr/lib -lbsonmend $(pkg-config --libs $libraries) -o count || exit 1
./count "$FIXTURES/mend/kinds"
echo "exit $?"
./count absent
echo "exit $?"
