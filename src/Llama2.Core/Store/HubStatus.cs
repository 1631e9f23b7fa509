using System.Net;
using System.Net.Http.Headers;

namespace Llama2.Store;

/// <summary>Converts the status of a hub's response to exceptions.</summary>
internal static class HubStatus
{
    /// <summary>Throws if the status is a transient fault.</summary>
    /// <exception cref="TransientException">The status is 408, 429 or 5xx. The response is then disposed.</exception>
    public static void ThrowIfTransient(HttpResponseMessage message)
    {
        int status = (int)message.StatusCode;
        if (status is not (408 or 429) && status < 500)
            return;

        RetryConditionHeaderValue? retryAfter = message.Headers.RetryAfter;
        TimeSpan? wait = retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        message.Dispose();
        throw new TransientException($"it answered {status}{(status == 429 ? " (too many requests)" : "")}", wait);
    }

    /// <summary>Throws an exception that explains why the hub refused a request.</summary>
    /// <param name="status">The status.</param>
    /// <param name="what">The requested object, in quotation marks.</param>
    /// <param name="host">The hub.</param>
    /// <exception cref="ModelStoreException">The status is not 200.</exception>
    public static void RequireSuccess(HttpStatusCode status, string what, string host)
    {
        if (status == HttpStatusCode.OK)
            return;

        // A hub also answers 401 for a repository that does not exist, so that its answers do not reveal which private repositories exist.
        throw new ModelStoreException((int)status switch
        {
            401 => $"The hub at {host} refuses {what} (401): there is no such repository, or it is private. Check the name, or set HF_TOKEN to a valid token of an account that may read it.",
            403 => $"The hub at {host} refuses {what} (403): its owner grants access on request. Accept the conditions on the repository's page, and set HF_TOKEN to a token of the account that accepted them.",
            404 => $"The hub at {host} has no {what} (404). Check owner, repository, revision and file.",
            var other => $"The hub at {host} answered {other} for {what}, which a hub does not do: is there a proxy or a sign-in page between this machine and the hub?",
        });
    }
}
