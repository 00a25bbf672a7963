// What OpenSSL 3.0 offers only as macros, which Swift cannot import, under the macro's name with `shim_`
// before it. Nothing else belongs here: what is a function in OpenSSL is called from Swift directly.

#ifndef EMOJITRACK_COPENSSL_SHIM_H
#define EMOJITRACK_COPENSSL_SHIM_H

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// The options of every context: no compression, no renegotiation, and the server's order of ciphers.
static const uint64_t shim_SSL_OP_STRICT = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
                                           | SSL_OP_CIPHER_SERVER_PREFERENCE;

static const uint64_t shim_SSL_OP_NO_TICKET = SSL_OP_NO_TICKET;

static inline int shim_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int shim_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline void shim_SSL_CTX_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

static inline void shim_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
  SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int shim_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *names) {
  return (int)SSL_CTX_set1_groups_list(context, names);
}

static inline int shim_SSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int shim_SSL_set_tlsext_host_name(SSL *session, const char *name) {
  return (int)SSL_set_tlsext_host_name(session, name);
}

static inline void shim_SSL_set_msg_callback_arg(SSL *session, void *argument) {
  SSL_set_msg_callback_arg(session, argument);
}

/// Not OpenSSL's: a hint that this memory will soon be read, for which Swift has no word.
static inline void shim_prefetch(const void *address) { __builtin_prefetch(address); }

static inline STACK_OF(X509) *shim_sk_X509_new_null(void) { return sk_X509_new_null(); }

static inline int shim_sk_X509_push(STACK_OF(X509) *certificates, X509 *certificate) {
  return sk_X509_push(certificates, certificate);
}

static inline void shim_sk_X509_free(STACK_OF(X509) *certificates) { sk_X509_free(certificates); }

static inline int shim_sk_GENERAL_NAME_num(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

static inline const GENERAL_NAME *shim_sk_GENERAL_NAME_value(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}

static inline int shim_sk_X509_REVOKED_num(STACK_OF(X509_REVOKED) *entries) { return sk_X509_REVOKED_num(entries); }

static inline X509_REVOKED *shim_sk_X509_REVOKED_value(STACK_OF(X509_REVOKED) *entries, int index) {
  return sk_X509_REVOKED_value(entries, index);
}

static inline int shim_X509_NAME_print_RFC2253(BIO *output, const X509_NAME *name) {
  return X509_NAME_print_ex(output, name, 0, XN_FLAG_RFC2253);
}

static inline long shim_BIO_get_mem_data(BIO *memory, char **data) { return BIO_get_mem_data(memory, data); }

#endif
