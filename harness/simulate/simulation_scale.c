/* Making a point small enough to be simulated. */
#include "simulate/simulate.h"
#include "simulate/simulation_check.h"

#include <string.h>

static bool can_halve(const struct module_description *description, size_t parameter, int64_t value) {
    bool percentage = !strcmp(description->parameters[parameter].unit, "%");
    return description->parameters[parameter].choice_count == 0 && !percentage && value >= 2 &&
           value / 2 >= description->parameters[parameter].min;
}

static void name_value(const struct module_description *description, size_t parameter, int64_t value,
                       struct point *point) {
    size_t i = 0;
    while (i < point->count && strcmp(point->values[i].name, description->parameters[parameter].name))
        i++;
    if (i == RESULT_PARAMETERS)
        return;
    if (i == point->count) {
        point->count++;
        point->values[i] = (struct point_value){.name = ""};
        memcpy(point->values[i].name, description->parameters[parameter].name, RESULT_NAME);
        memcpy(point->values[i].unit, description->parameters[parameter].unit, RESULT_NAME);
    }
    point->values[i].value = value;
}

bool simulation_halve(const struct module_description *description, struct plan_point *point) {
    int chosen = description->scale;
    if (chosen >= 0 && !can_halve(description, (size_t)chosen, point->value[chosen]))
        chosen = -1;
    for (size_t i = 0; description->scale != chosen || chosen < 0; i++) {
        if (i == description->parameter_count)
            break;
        if (can_halve(description, i, point->value[i]) &&
            (chosen < 0 || point->value[i] > point->value[chosen]))
            chosen = (int)i;
    }
    if (chosen < 0)
        return false;
    point->value[chosen] /= 2;
    name_value(description, (size_t)chosen, point->value[chosen], &point->point);
    return true;
}

double simulation_seconds(const double *run_ns, size_t arm_count) {
    double seconds = 0;
    for (size_t arm = 0; arm < arm_count; arm++)
        seconds += 2 * run_ns[arm] / 1e9 * SIMULATION_SLOWDOWN;
    return seconds;
}

int simulation_verify_scale(struct supervisor *supervisor, const struct simulation_request *whole,
                            const struct plan_point *simulated, double whole_s, struct simulation *simulation,
                            struct problem *problem) {
    struct simulation_request request = *whole;
    struct plan_point smaller = *simulated;
    struct simulation other = {.arms = NULL}; /* where nothing is smaller */
    int status = 0;
    request.plan_point = &smaller;
    request.clock = NULL;
    for (size_t arm = 0; arm < request.arm_count; arm++) {
        request.run_ns[arm] = 0; /* as it is, no smaller */
        request.left_out[arm] |= simulation->arms[arm].cause != SIMULATION_COUNTED;
    }
    if (simulation_halve(request.description, &smaller)) {
        simulation_halve(request.description, &smaller);
        status = simulate_point(supervisor, &request, &other, problem);
    }
    if (status == 0)
        simulation_check_scale(simulation, request.arm_count, &other, whole_s);
    simulation_clear(&other);
    return status;
}
