#include "stats/least_squares.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define MOST LEAST_SQUARES_TERMS

/* A column that is so small, of its length before, after what others say of it was taken away, is made of them. */
#define DEPENDENT 1e-10

static double dot(const double *first, const double *second, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += first[i] * second[i];
    return sum;
}

/* Takes the part of `other` along the unit vector `unit` away from it, and returns how much that is. */
static double project_out(const double *unit, double *other, size_t count) {
    double along = dot(unit, other, count);
    for (size_t i = 0; i < count; i++)
        other[i] -= along * unit[i];
    return along;
}

/* Columns become orthonormal; `triangle` is what they were made of, `along` the values in them. */
static int orthogonalize(double *columns[MOST], double *values, size_t count, size_t terms,
                         double triangle[MOST][MOST], double along[MOST]) {
    for (size_t term = 0; term < terms; term++) {
        double before = sqrt(dot(columns[term], columns[term], count));
        for (size_t done = 0; done < term; done++)
            triangle[done][term] = project_out(columns[done], columns[term], count);
        double length = sqrt(dot(columns[term], columns[term], count));
        if (!isfinite(length) || !(length > DEPENDENT * before))
            return -EINVAL;
        for (size_t i = 0; i < count; i++)
            columns[term][i] /= length;
        triangle[term][term] = length;
        along[term] = project_out(columns[term], values, count);
    }
    return 0;
}

/* The inverse of an upper triangle, column by column. */
static void invert(double triangle[MOST][MOST], size_t terms, double inverse[MOST][MOST]) {
    for (size_t column = 0; column < terms; column++)
        for (size_t row = terms; row-- > 0;) {
            double rest = row == column;
            for (size_t i = row + 1; i < terms; i++)
                rest -= triangle[row][i] * inverse[i][column];
            inverse[row][column] = rest / triangle[row][row];
        }
}

static void conclude(double inverse[MOST][MOST], const double along[MOST], double squares, size_t count,
                     struct least_squares *fit) {
    double variance = fit->degrees > 0 ? squares / fit->degrees : NAN;
    fit->misfit = sqrt(squares / (double)count);
    for (size_t row = 0; row < fit->terms; row++) {
        fit->coefficients[row] = dot(inverse[row], along, fit->terms);
        for (size_t column = 0; column < fit->terms; column++)
            fit->covariance[row][column] = variance * dot(inverse[row], inverse[column], fit->terms);
    }
}

int least_squares_fit(const struct least_squares_row *rows, size_t count, size_t terms,
                      struct least_squares *fit) {
    *fit = (struct least_squares){.terms = terms, .degrees = (double)count - (double)terms, .misfit = NAN};
    if (terms < 1 || terms > MOST || count < terms)
        return -EINVAL;
    double *room = malloc((terms + 1) * count * sizeof *room), *columns[MOST] = {0};
    if (!room)
        return -ENOMEM;
    double *values = room + terms * count, triangle[MOST][MOST] = {{0}}, inverse[MOST][MOST] = {{0}};
    double along[MOST] = {0};
    for (size_t term = 0; term < terms; term++)
        columns[term] = room + term * count;
    for (size_t i = 0; i < count; i++) {
        values[i] = rows[i].value;
        for (size_t term = 0; term < terms; term++)
            columns[term][i] = rows[i].terms[term];
    }
    int error = orthogonalize(columns, values, count, terms, triangle, along);
    double squares = dot(values, values, count);
    if (!error && !isfinite(squares))
        error = -EINVAL;
    if (!error) {
        invert(triangle, terms, inverse);
        conclude(inverse, along, squares, count, fit);
    }
    free(room);
    return error;
}

struct interval least_squares_coefficient(const struct least_squares *fit, size_t term, double confidence) {
    double estimate = fit->coefficients[term];
    if (!(fit->degrees > 0))
        return (struct interval){estimate, NAN, NAN};
    double half = student_quantile((1 + confidence) / 2, fit->degrees) * sqrt(fit->covariance[term][term]);
    return (struct interval){estimate, estimate - half, estimate + half};
}

static double covariance_of(const struct least_squares *fit, const double *first, const double *second) {
    double sum = 0;
    for (size_t row = 0; row < fit->terms; row++)
        sum += first[row] * dot(fit->covariance[row], second, fit->terms);
    return sum;
}

struct interval least_squares_ratio(const struct least_squares *fit,
                                    const double numerator[LEAST_SQUARES_TERMS],
                                    const double denominator[LEAST_SQUARES_TERMS], double confidence) {
    double top = dot(numerator, fit->coefficients, fit->terms);
    double bottom = dot(denominator, fit->coefficients, fit->terms), ratio = top / bottom;
    struct interval unbounded = {ratio, NAN, NAN};
    if (!(fit->degrees > 0) || bottom == 0)
        return unbounded;
    double t = student_quantile((1 + confidence) / 2, fit->degrees);
    double top_variance = covariance_of(fit, numerator, numerator);
    double bottom_variance = covariance_of(fit, denominator, denominator);
    double both = covariance_of(fit, numerator, denominator);
    double doubt = t * t * bottom_variance / (bottom * bottom); /* Fieller's g */
    if (!(doubt < 1))
        return unbounded;
    double shared = bottom_variance > 0 ? both / bottom_variance : 0;
    double square = top_variance - 2 * ratio * both + ratio * ratio * bottom_variance -
                    doubt * (top_variance - shared * both);
    double half = t / fabs(bottom) * sqrt(fmax(square, 0)), middle = ratio - doubt * shared;
    return (struct interval){ratio, (middle - half) / (1 - doubt), (middle + half) / (1 - doubt)};
}
