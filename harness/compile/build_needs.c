#include "compile/build_job.h"

#include "compile/cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What pkg-config says of a package that is not there stands in the messages. */
static int ask_pkg_config(struct build_job *job, const char *what, struct words *flags) {
    struct words command = {0};
    struct command_result result = {0};
    int status = words_add_all(&command, &job->toolchain.pkg_config);
    if (status == 0)
        status = words_add(&command, what);
    if (status == 0)
        status = words_add_all(&command, &job->needs.packages);
    status = status ? build_out_of_memory(job->problem)
                    : build_run_tool(job, &command, &result, "find the packages of", job->request->folder);
    if (status == 0 && words_split(flags, result.out))
        status = build_out_of_memory(job->problem);
    else if (status == -ENOEXEC) {
        char *names = words_join(&job->needs.packages);
        status = problem_set(
            job->problem, ENOPKG,
            "cannot find the packages of %s: pkg-config does not know %s; install the development packages, "
            "or name their folder with PKG_CONFIG_PATH",
            job->request->folder, names ? names : "packages");
        free(names);
    } else if (status == -ENOENT)
        status = -ENOPKG;
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

int build_collect_flags(struct build_job *job) {
    int status = 0;
    if (job->needs.packages.count)
        status = ask_pkg_config(job, "--cflags", &job->compile_flags);
    if (status == 0 && job->needs.packages.count)
        status = ask_pkg_config(job, "--libs", &job->link_flags);
    if (status)
        return status;
    for (size_t i = 0; i < job->needs.libraries.count && status == 0; i++) {
        const char *library = job->needs.libraries.items[i];
        bool whole = library[0] == '-' || strchr(library, '/');
        status = words_addf(&job->link_flags, "%s%s", whole ? "" : "-l", library);
    }
    if (status == 0)
        status = words_add(&job->link_flags, "-lm");
    /* Threads of libgomp's pool outlive a run and wait inside the library, which dlclose must not unmap. */
    if (status == 0 && job->needs.openmp)
        status = words_split(&job->link_flags, "-fopenmp -Wl,-z,nodelete");
    if (status == 0 && job->needs.openmp)
        status = words_add(&job->compile_flags, "-fopenmp");
    return status ? build_out_of_memory(job->problem) : 0;
}

static int identify_compiler(struct build_job *job, bool cxx) {
    struct command_result result = {0};
    int status = toolchain_ask(&job->toolchain, cxx, &job->limits, &result, job->problem);
    if (status == 0) {
        job->compilers = hash_text(job->compilers, result.out);
        job->is_clang = strstr(result.out, "clang") != NULL;
    } else if (result.err_size)
        build_add_messages(job->build, result.err);
    command_result_clear(&result);
    return status;
}

int build_identify_compilers(struct build_job *job) {
    int status = identify_compiler(job, false);
    return status == 0 && job->has_cxx ? identify_compiler(job, true) : status;
}

/* Whether nothing but the header and the libraries that are named can be compiled and linked. */
static bool can_link(struct build_job *job, const struct words *libraries) {
    char source[sizeof job->cache + 64], module[sizeof job->cache + 64];
    struct words command = {0};
    struct command_result result = {0};
    struct problem problem;
    snprintf(source, sizeof source, "%s/needs.%ld.c", job->cache, (long)getpid());
    snprintf(module, sizeof module, "%s/needs.%ld.so", job->cache, (long)getpid());
    FILE *file = fopen(source, "we");
    if (!file)
        return true;
    fputs(job->needs.openmp ? "#include <omp.h>\n" : "extern const int unused;\n", file);
    fclose(file);
    int status = words_add_all(&command, &job->toolchain.cc);
    if (status == 0)
        status = words_split(&command, "-fPIC -shared");
    if (status == 0)
        status = words_add_all(&command, &job->compile_flags);
    if (status == 0)
        status = words_addf(&command, "%s", source);
    if (status == 0)
        status = words_add(&command, "-o");
    if (status == 0)
        status = words_add(&command, module);
    if (status == 0)
        status = words_add_all(&command, &job->toolchain.ldflags);
    if (status == 0)
        status = words_add_all(&command, libraries);
    bool can = status || command_run(&command, &job->limits, &result, &problem) || result.exit_status == 0;
    command_result_clear(&result);
    words_clear(&command);
    unlink(source);
    unlink(module);
    return can;
}

/* Only now, as nothing is asked where all is there. The first that is missing is told. */
int build_explain_needs(struct build_job *job, int status) {
    struct words none = {0};
    if (status != -ENOEXEC || (!job->needs.libraries.count && !job->needs.openmp))
        return status;
    if (!can_link(job, &none))
        return job->needs.openmp
                   ? problem_set(job->problem, ENOPKG,
                                 "cannot compile %s: it needs OpenMP, which %s does not have; install the "
                                 "compiler's OpenMP library (libgomp, libomp-dev)",
                                 job->request->folder, job->toolchain.cc.items[0])
                   : status;
    for (size_t i = 0; i < job->needs.libraries.count; i++) {
        char *item = job->needs.libraries.items[i];
        bool whole = item[0] == '-' || strchr(item, '/');
        struct words one = {0};
        int added = words_addf(&one, "%s%s", whole ? "" : "-l", item);
        bool there = added || can_link(job, &one);
        words_clear(&one);
        if (!there)
            return problem_set(
                job->problem, ENOPKG,
                "cannot compile %s: it needs the library %s, which is not there; install it, or name its folder "
                "with LDFLAGS=-LFOLDER",
                job->request->folder, item);
    }
    return status;
}
