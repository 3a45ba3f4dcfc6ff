#include "page/names.h"

#include "page/scale.h"
#include "report/html.h"
#include "store/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_HEIGHT 15.0
#define NAME_CHARACTERS 14
#define BELOW 4.0 /* from a line's middle to a name's foot */

static int compare_places(const void *first, const void *second) {
    double a = ((const struct name_place *)first)->y, b = ((const struct name_place *)second)->y;
    return (a > b) - (a < b);
}

void names_print(struct name_place *places, size_t count, double x, double bottom, struct text *out) {
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 1; i < count; i++)
        places[i].y = fmax(places[i].y, places[i - 1].y + NAME_HEIGHT);
    for (size_t i = count; i-- > 0;) { /* and back from the bottom */
        double most = i + 1 < count ? places[i + 1].y - NAME_HEIGHT : bottom;
        places[i].y = fmin(places[i].y, most);
        char name[RESULT_NAME];
        snprintf(name, sizeof name, "%s", places[i].name);
        style_cut(&(struct report_style){.unicode = true}, name, NAME_CHARACTERS);
        text_printf(out, "<text class=\"name s%zu\" x=\"%.0f\" y=\"%s\">", places[i].style, x,
                    PLACE(places[i].y + BELOW));
        html_add(out, name);
        if (strcmp(name, places[i].name) != 0) {
            text_add(out, "<title>");
            html_add(out, places[i].name);
            text_add(out, "</title>");
        }
        text_add(out, "</text>");
    }
}
