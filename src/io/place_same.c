/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bsonmend/writer.h"

#include "base/memory.h"
#include "io/place.h"
#include "io/place_path.h"

int bm_place_is_one(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Of two paths of which one at least is not there: the same name in the same folder. */
static int same_name(const char *a, const char *b)
{
    struct bm_error ignored = BM_ERROR_INIT;
    struct bm_view name = bm_place_path_split(a).name;
    if (name.len == 0 || !bm_view_equal(name, bm_place_path_split(b).name)) {
        return 0;
    }
    struct stat about_a;
    struct stat about_b;
    char *folder_a = bm_place_path_folder(a, &ignored);
    char *folder_b = bm_place_path_folder(b, &ignored);
    int same = folder_a != NULL && folder_b != NULL && stat(folder_a, &about_a) == 0 &&
               stat(folder_b, &about_b) == 0 && bm_place_is_one(&about_a, &about_b);
    free(folder_a);
    free(folder_b);
    return same;
}

int bm_place_same(const char *a, const char *b)
{
    struct stat about_a;
    struct stat about_b;
    if (stat(a, &about_a) == 0 && stat(b, &about_b) == 0) {
        return bm_place_is_one(&about_a, &about_b);
    }
    return same_name(a, b);
}

/* Whether a folder that is named on the way to a path is the directory; path is cut for it. NULL is
 * no path. */
static int leads_through(char *path, const char *directory)
{
    for (char *slash = path; slash != NULL && (slash = strchr(slash, '/')) != NULL; slash++) {
        char *end = slash == path ? slash + 1 : slash;
        char kept = *end;
        *end = '\0';
        int same = bm_place_same(path, directory);
        *end = kept;
        if (same) {
            return 1;
        }
    }
    return 0;
}

int bm_place_below(const char *path, const char *directory)
{
    /* As its folder is without links (as it is written, where that is not there), and as it is
     * itself: a file made there replaces a link, but what the link leads to may be meant as well.
     */
    struct bm_error ignored = BM_ERROR_INIT;
    char *folder = bm_place_path_folder(path, &ignored);
    char *real = folder != NULL ? bm_place_path_resolve(folder, &ignored) : NULL;
    char *ways[] = {
        real != NULL ? bm_format_text(&ignored, "%s/", real) : bm_copy_text(path, &ignored),
        bm_place_path_resolve(path, &ignored),
    };
    int below = 0;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        below = below || leads_through(ways[i], directory);
        free(ways[i]);
    }
    free(real);
    free(folder);
    return below;
}
