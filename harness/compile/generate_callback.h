/*
 * Callbacks: parameters that are pointers to functions. Each has one function, which all variants are given: a body that
 * is generated from its type, or what the user names.
 */
#ifndef COMPILE_GENERATE_CALLBACK_H
#define COMPILE_GENERATE_CALLBACK_H

#include "compile/generate.h"

#include <stdio.h>

/**
 * Roles that follow from callbacks: a pointer to void behind one, or with a context's name, is handed on to it (64
 * bytes); where one is given pointers to void, an integer such as `size` or `width` tells the bytes of an element, and
 * the array before the count has so many elements; others have one.
 */
void callback_defaults(const struct signature *signature, struct argument *arguments);

/**
 * Takes the bytes of an element where they are known: arrays of void become ones of numbers of 1, 2, 4 or 8 bytes, or of
 * so many bytes as there are. Returns 0, or -EINVAL with the problem where they are not one value.
 */
int callback_settle(struct signature *signature, struct argument *arguments, struct problem *problem);

/** Whether each callback has a function: 0, or -EINVAL with the problem. */
int callback_check(const struct generate_request *request, struct problem *problem);

bool generate_has_callbacks(const struct generate_request *request);

/** Whether callbacks.c is callbacks.cpp. */
bool generate_callback_is_cxx(const struct generate_request *request);

/** Their part of signature.h: what they are, in words, and where kernel.c finds them. */
void generate_callback_words(FILE *stream, const struct generate_request *request);

/** Writes callbacks.c or .cpp. Returns 0, or -errno with the problem. */
int generate_callbacks(const struct generate_request *request, const char *folder, struct problem *problem);

#endif
