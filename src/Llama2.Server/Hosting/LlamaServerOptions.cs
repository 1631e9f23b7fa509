using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace Llama2.Server;

/// <summary>The options of the endpoints that <c>MapLlama</c> adds. Immutable; every property is checked when it is set.</summary>
public sealed record LlamaServerOptions
{
    /// <summary>
    /// The maximum size of a request's body in bytes, 1,024 to 1 GiB; default 8 MiB. A larger body is answered with the status 413. If the web server's own limit
    /// is lower, it is raised to this value for requests to these endpoints.
    /// </summary>
    public long MaxBodyByteSize { get; init => field = Check(value, 1024, 1 << 30, nameof(MaxBodyByteSize)); } = 8 << 20;

    /// <summary>
    /// The maximum number of answers that one request may ask for (<c>n</c>; for completions <c>n</c> times the number of prompts), 1 to 128; default 16. They
    /// are generated at the same time, and each of them needs memory for its keys and values.
    /// </summary>
    public int MaxChoiceCount { get; init => field = (int)Check(value, 1, 128, nameof(MaxChoiceCount)); } = 16;

    /// <summary>
    /// Whether there is <c>GET /metrics</c>, from which Prometheus reads how many requests there were, how long they took and what they used; default true. The
    /// metrics describe all users together. Without the endpoint, nothing is collected for it.
    /// </summary>
    public bool ServeMetrics { get; init; } = true;

    /// <summary>
    /// How tokens are chosen if a request does not state it. Default: the defaults of <see cref="GenerationOptions"/>, which are llama.cpp's; OpenAI's own
    /// default for <c>temperature</c> and <c>top_p</c> is 1.
    /// </summary>
    public GenerationOptions Generation { get; init => field = value ?? throw new ArgumentNullException(nameof(Generation)); } = new();

    /// <summary>
    /// The time for which running requests may continue after the application has begun to stop, 0 to 1 day; default 25 seconds. New requests are then refused
    /// with the status 503. A request that is not finished in this time is ended: a stream with an event whose error has the code <c>server_shutting_down</c>,
    /// any other request with the status 503. If <c>HostOptions.ShutdownTimeout</c> (by default 30 seconds) is shorter, requests are ended up to 2 seconds
    /// before that timeout is over. With 0, they are ended at once.
    /// </summary>
    public TimeSpan ShutdownGrace
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ShutdownGrace), value, $"{nameof(ShutdownGrace)} must be from 0 to 1 day.");
    }
    = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Whether requests need an API key if the application called <c>AddLlamaApiKeys</c>; default true. Health checks and the page need none. Without that
    /// call, this option has no effect, and anyone who reaches the server may use it.
    /// </summary>
    public bool RequireApiKey { get; init; } = true;

    /// <summary>
    /// Whether <c>GET /metrics</c> too needs an API key if the other endpoints need one; default true. Programs that read metrics, such as Prometheus, can send
    /// a key. Set it to false only if nobody else reaches the server: the metrics show the names of the models and how much all users together use them.
    /// </summary>
    public bool RequireApiKeyForMetrics { get; init; } = true;

    /// <summary>
    /// The number of requests that a client may send per minute, 1 to 1,000,000; null (the default) for no limit. A client is an authenticated user, such as
    /// the name of an API key, else a remote address. The budget refills continuously. Further requests are answered with the status 429. Requests with the
    /// method GET do not count.
    /// </summary>
    public int? RequestsPerMinute { get; init => field = CheckOptional(value, 1, 1_000_000, nameof(RequestsPerMinute)); }

    /// <summary>
    /// The number of tokens of prompts and answers together that a client may use per minute, 1 to 1,000,000,000; null (the default) for no limit. The tokens
    /// of a request are charged at its end, even if it was cut off, and requests are answered with the status 429 while the budget is used up. Requests that
    /// run at the same time may together exceed it; the client then waits until the excess has been refilled.
    /// </summary>
    public int? TokensPerMinute { get; init => field = CheckOptional(value, 1, 1_000_000_000, nameof(TokensPerMinute)); }

    /// <summary>
    /// The maximum number of requests that the server answers at the same time for all models, including those that wait for a model, 1 to 1,000,000; default
    /// 256. Further requests are answered at once with the status 429, before their bodies are read. Requests with the method GET do not count. The product
    /// with <see cref="MaxBodyByteSize"/> limits the memory for bodies.
    /// </summary>
    public int MaxActiveRequestCount { get; init => field = (int)Check(value, 1, 1_000_000, nameof(MaxActiveRequestCount)); } = 256;

    /// <summary>
    /// The maximum number of tokens of a prompt and its answer together, 1 or more; null (the default) if only the model's context limits it. A longer prompt
    /// is answered with the status 400, and an answer ends at the limit with the finish reason <c>length</c>. The limit also applies to each text to be
    /// embedded.
    /// </summary>
    public int? MaxContextTokenCount { get; init => field = CheckOptional(value, 1, int.MaxValue, nameof(MaxContextTokenCount)); }

    /// <summary>
    /// The time in which the body of a request must arrive, 1 millisecond to 1 day; default 1 minute. A slower request is answered with the status 408.
    /// </summary>
    public TimeSpan BodyTimeout { get; init => field = CheckTime(value, nameof(BodyTimeout)); } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time in which a request must be answered, including its wait for a model, 1 millisecond to 1 day; null (the default) for no limit. A longer request
    /// is ended: with the status 504, or with an event whose error has the code <c>answer_timeout</c> if its stream has begun.
    /// </summary>
    public TimeSpan? RequestTimeout { get; init => field = value is { } time ? CheckTime(time, nameof(RequestTimeout)) : null; }

    /// <summary>
    /// The origins whose web pages may use the server (CORS), such as <c>https://app.example</c>, each without a path; <c>*</c> permits all. Default empty:
    /// browsers let only pages of the server's own origin read answers. Copied when set. Without API keys, a page of a permitted origin can use the server on
    /// behalf of everyone who visits it.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init => field = CheckOrigins(value, nameof(AllowedOrigins)); } = [];

    /// <summary>
    /// Whether the log contains the prompts of requests, as the model reads them; default false. The log otherwise contains no text of prompts and answers.
    /// Answers are never logged.
    /// </summary>
    public bool LogPrompts { get; init; }

    /// <summary>
    /// The prefix scope of a request (see <see cref="ComputationOptions.PrefixScope"/>): requests of one scope reuse the keys and values of common beginnings of
    /// prompts, so they may learn that others of the scope asked the same. The function returns 1 to 256 characters, or null for the scope of the model's options.
    /// It must use what the application has authenticated, never the request's content. Default: a digest of the user's issuer and name identifier; null
    /// for requests without an authenticated user. The function is called by several threads at the same time.
    /// </summary>
    public Func<HttpContext, string?> PrefixScope { get; init => field = value ?? throw new ArgumentNullException(nameof(PrefixScope)); } = ScopeOfUser;

    /// <summary>
    /// How many responses of <c>POST /v1/responses</c> are stored, 0 to 1,000,000; default 1,000. They are in memory, until the process ends. If a limit is exceeded, the
    /// least recently used responses are dropped. With 0, no response is stored, and a request with <c>"store": true</c> is refused.
    /// </summary>
    public int MaxStoredResponseCount { get; init => field = (int)Check(value, 0, 1_000_000, nameof(MaxStoredResponseCount)); } = 1000;

    /// <summary>
    /// How much memory the stored responses may take together, in bytes, 0 to 1 TiB; default 64 MiB. Each counts with the whole conversation that it continues. A
    /// response that is larger than this value is not stored.
    /// </summary>
    public long MaxStoredResponseByteSize { get; init => field = Check(value, 0, 1L << 40, nameof(MaxStoredResponseByteSize)); } = 64 << 20;

    /// <summary>
    /// Whether to serve a chat page at the address <c>/</c>, with its files below <c>/page/</c>; default true. The page is part of the assembly, and loads
    /// nothing from other servers. If the application has an endpoint of its own at <c>/</c>, that endpoint answers.
    /// </summary>
    public bool ServePage { get; init; } = true;

    // The issuer is part of the scope, because two issuers may give different users the same id. It is a digest, because an id may be longer than a scope.
    private static string? ScopeOfUser(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated != true || context.User.FindFirst(ClaimTypes.NameIdentifier) is not { } id)
            return null;
        byte[] issuer = SHA256.HashData(Encoding.UTF8.GetBytes(id.Issuer)), value = Encoding.UTF8.GetBytes(id.Value);
        return $"user {Convert.ToHexStringLower(SHA256.HashData([.. issuer, .. value]))}";
    }

    private static int? CheckOptional(int? value, int minimum, int maximum, string property) =>
        value is null ? null : (int)Check(value.Value, minimum, maximum, property);

    private static TimeSpan CheckTime(TimeSpan value, string property) => value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromDays(1)
        ? value
        : throw new ArgumentOutOfRangeException(property, value, $"{property} must be from 1 millisecond to 1 day.");

    private static string[] CheckOrigins(IReadOnlyList<string> origins, string property)
    {
        ArgumentNullException.ThrowIfNull(origins, property);
        string[] copy = [.. origins];
        foreach (string origin in copy)
        {
            // Browsers send an origin exactly in this form, so any other spelling would never match.
            bool isOrigin = origin == "*" || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.GetLeftPart(UriPartial.Authority) == origin);
            if (!isOrigin)
            {
                throw new ArgumentException(
                    $"'{origin}' is not an origin; write https://host or https://host:port in lower case, without a path, or *.", property);
            }
        }

        return copy;
    }

    private static long Check(long value, long minimum, long maximum, string property) => value >= minimum && value <= maximum
        ? value
        : throw new ArgumentOutOfRangeException(property, value, FormattableString.Invariant($"{property} must be from {minimum} to {maximum}."));
}
