/* Which calls go past the layers; see past_layers.h. */
#include "past_layers.h"

#include "lsp-core/host/provider/base.h"

/* An answer is told by its value where it differs from the program's handle. An IFS layer's handle is the base's; there
 * it says who the question came to: if it was passed down, the base has answered. */
static enum past_layers judge(const struct call *call, SOCKET s, SOCKET answer)
{
    if (answer == INVALID_SOCKET || answer == 0)
        return PAST_REFUSED;
    if (answer == call->thread->base_answered)
        return PAST_LAYERS;
    if (answer == s)
        return PAST_OWN;
    /* Not asked this time, but the layer may have kept it. */
    return base_made(answer) || base_is_socket(answer) ? PAST_LAYERS : PAST_REFUSED;
}

/* Microsoft's sample answers without a count of bytes, so that the handle alone tells whether there is one. */
enum past_layers past_layers_ask(const struct call *call, struct provider *provider, SOCKET s, DWORD code,
                                 SOCKET *handle)
{
    SOCKET answer = INVALID_SOCKET;
    DWORD returned = 0;
    INT error;
    WSATHREADID id = call->thread->id;
    enum past_layers past = PAST_REFUSED;
    call->thread->base_answered = INVALID_SOCKET;
    if (provider->procs.lpWSPIoctl(s, code, NULL, 0, &answer, sizeof(answer), &returned, NULL, NULL, &id, &error) == 0)
        past = judge(call, s, answer);
    *handle = past == PAST_LAYERS ? answer : s;
    return past;
}
