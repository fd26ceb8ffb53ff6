#include "data/transfer.h"

#include "base/file.h"
#include "base/program.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { ATTEMPTS = 10, CONNECT_SECONDS = 10, STALL_SECONDS = 30, REDIRECTIONS = 10, MEGABYTE = 1000000 };

struct transfer {
    CURL *curl;
    const char *url;
    const struct transfer_rule *rule;
    int fd;
    size_t size; /* of the file by now */
    bool too_long, progress_shown;
    char reason[CURL_ERROR_SIZE];
};

bool transfer_is_url(const char *place)
{
    return strstr(place, "://") != NULL;
}

bool transfer_is_known(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0 ||
           strncasecmp(url, "file://", 7) == 0;
}

/* curl's CURLOPT_WRITEFUNCTION: less than was given ends the transfer. */
static size_t receive(char *data, size_t one, size_t n, void *context)
{
    struct transfer *transfer = context;

    transfer->too_long = transfer->rule->most && n > transfer->rule->most - transfer->size;
    if (transfer->too_long)
        return 0;
    if (file_write_fully(transfer->fd, data, n))
        die_system(ACCESS_WRITE, transfer->rule->path, "write");
    transfer->size += n;
    return one * n;
}

/* curl's CURLOPT_XFERINFOFUNCTION, called at least once a second. It counts what this connection is to bring. */
static int show_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    struct transfer *transfer = context;
    size_t whole = transfer->size + (size_t)(total - now);

    (void)up_total, (void)up_now;
    if (total <= 0)
        return 0;
    fprintf(stderr, "\r%s: %zu of %zu MB ", transfer->url, transfer->size / MEGABYTE, whole / MEGABYTE);
    transfer->progress_shown = true;
    return 0;
}

static CURL *open_curl(struct transfer *transfer)
{
    static bool initialised;
    CURL *curl;
    int failed = 0;

    if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT))
        die(STATUS_RESOURCE, "out of memory");
    initialised = true;
    curl = curl_easy_init();
    if (!curl)
        die(STATUS_RESOURCE, "out of memory");
    failed |= (int)curl_easy_setopt(curl, CURLOPT_URL, transfer->url);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
    failed |= (int)curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    failed |= (int)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTIONS);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_USERAGENT, "rote/" ROTE_VERSION);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->reason);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, transfer->rule->progress ? 0L : 1L);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, show_progress);
    failed |= (int)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    if (failed == CURLE_OUT_OF_MEMORY)
        die(STATUS_RESOURCE, "out of memory");
    if (failed)
        die(STATUS_BUG, "%s: fetch: libcurl lacks what is asked of it", transfer->url);
    return curl;
}

/* Throw away what is there. */
static void start_over(struct transfer *transfer)
{
    if (ftruncate(transfer->fd, 0) || lseek(transfer->fd, 0, SEEK_SET))
        die_system(ACCESS_WRITE, transfer->rule->path, "write");
    transfer->size = 0;
}

/* One connection after the other, each going on from where the last one stopped. */
static CURLcode perform(struct transfer *transfer)
{
    CURLcode code = CURLE_OK;

    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        size_t before = transfer->size;

        curl_easy_setopt(transfer->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)before);
        transfer->reason[0] = '\0';
        code = curl_easy_perform(transfer->curl);
        if (code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME)
            start_over(transfer); /* the server only sends files whole, or its file is shorter */
        else if (code == CURLE_OK || code == CURLE_WRITE_ERROR || transfer->size == before)
            break;
    }
    return code;
}

static enum answer answer_of(CURL *curl, CURLcode code)
{
    long response = 0;

    switch (code) {
    case CURLE_OK:
        return ANSWER_FILE;
    case CURLE_WRITE_ERROR:
        return ANSWER_WRONG;
    case CURLE_FILE_COULDNT_READ_FILE:
        return ANSWER_ABSENT;
    case CURLE_HTTP_RETURNED_ERROR:
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response);
        return response == 404 || response == 410 ? ANSWER_ABSENT : ANSWER_FAILED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
        return ANSWER_NONE;
    default:
        return ANSWER_FAILED;
    }
}

/* Say why in our way: curl's text begins with a capital letter. */
static void describe(const struct transfer *transfer, CURLcode code, struct error *error)
{
    enum status status = STATUS_UNAVAILABLE;
    char reason[CURL_ERROR_SIZE];

    if (transfer->too_long) {
        error_set(error, STATUS_DATA, "%s: fetch: it has more than %zu bytes, and cannot be the right one",
                  transfer->url, transfer->rule->most);
        return;
    }
    if (code == CURLE_OUT_OF_MEMORY)
        status = STATUS_RESOURCE;
    else if (code == CURLE_FILE_COULDNT_READ_FILE)
        status = STATUS_NO_INPUT;
    snprintf(reason, sizeof reason, "%s", transfer->reason[0] ? transfer->reason : curl_easy_strerror(code));
    if (!isupper((unsigned char)reason[1])) /* not URL or SSL */
        reason[0] = (char)tolower((unsigned char)reason[0]);
    error_set(error, status, "%s: fetch: %s", transfer->url, reason);
}

enum answer transfer_url(const char *url, int fd, const struct transfer_rule *rule, struct error *error)
{
    struct transfer transfer = { .url = url, .rule = rule, .fd = fd };
    off_t size = lseek(fd, 0, SEEK_END);
    enum answer answer;
    CURLcode code;

    if (size < 0)
        die_system(ACCESS_WRITE, rule->path, "seek");
    transfer.size = (size_t)size;
    if (rule->most && transfer.size > rule->most)
        start_over(&transfer);
    transfer.curl = open_curl(&transfer);
    code = perform(&transfer);
    answer = answer_of(transfer.curl, code);
    if (answer != ANSWER_FILE)
        describe(&transfer, code, error);
    if (transfer.progress_shown)
        fputs("\n", stderr);
    curl_easy_cleanup(transfer.curl);
    return answer;
}
