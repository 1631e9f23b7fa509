namespace Llama2;

/// <summary>
/// Where models are kept and pulled from. Immutable and thread-safe; every property is checked when it is set. Properties that are null are taken
/// from the environment when the store is created.
/// </summary>
public sealed record LlamaModelStoreOptions
{
    /// <summary>The hub that is used if neither <see cref="Endpoint"/> nor <c>HF_ENDPOINT</c> names another.</summary>
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>
    /// The folder of the store, created by the first pull. Default null: <c>models</c> in the folder that the environment variable <c>LLAMA2_HOME</c>
    /// names, otherwise in <c>llama2</c> in the system's folder for user data (<c>~/.local/share</c> or <c>XDG_DATA_HOME</c>, <c>%LOCALAPPDATA%</c>).
    /// Processes may share it.
    /// </summary>
    /// <exception cref="ArgumentException">Set to an empty path.</exception>
    public string? Folder
    {
        get;
        init => field = value is null || !string.IsNullOrWhiteSpace(value) ? value : throw new ArgumentException("The path of the store's folder must not be empty.", nameof(value));
    }

    /// <summary>The hub or a compatible server: an http or https address. Default null: <c>HF_ENDPOINT</c>, otherwise <see cref="DefaultEndpoint"/>.</summary>
    /// <exception cref="ArgumentException">The address is not absolute, not http or https, or has user information, a query or a fragment.</exception>
    public Uri? Endpoint
    {
        get;
        init => field = value is null ? null : CheckEndpoint(value, nameof(value));
    }

    /// <summary>
    /// The token by which the hub identifies its user; sent to <see cref="Endpoint"/> only, never to redirect targets, and never shown. Default null:
    /// <c>HF_TOKEN</c>, otherwise none.
    /// </summary>
    /// <exception cref="ArgumentException">Set to a text that is empty, or has spaces or other characters that tokens cannot have.</exception>
    public string? Token
    {
        get;
        init => field = value is null ? null : CheckToken(value, nameof(value));
    }

    /// <summary>
    /// How long a connection may deliver nothing, or less than 16 KiB, before it counts as stalled and is opened again. More than zero, at most an
    /// hour. Default 30 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value out of range.</exception>
    public TimeSpan StallTimeout
    {
        get;
        init => field = CheckTime(value, nameof(value));
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often in a row a request is retried after a transient fault: a lost connection, a stall, or the status 408, 429 or 5xx. The count is reset
    /// whenever another mebibyte has arrived. 0 to 100, default 5.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value out of range.</exception>
    public int RetryCount
    {
        get;
        init => field = value is >= 0 and <= 100 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "RetryCount must be from 0 to 100.");
    } = 5;

    /// <summary>
    /// The wait before the first retry, doubled for each further one up to 64 times, minus a random part of up to a half. If the hub states a time
    /// (<c>Retry-After</c>), that time is waited, up to the longest wait. More than zero, at most an hour. Default 1 second.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value out of range.</exception>
    public TimeSpan RetryDelay
    {
        get;
        init => field = CheckTime(value, nameof(value));
    } = TimeSpan.FromSeconds(1);

    /// <summary>The options as text for logs, without the token.</summary>
    public override string ToString() =>
        $"{nameof(LlamaModelStoreOptions)} {{ {nameof(Folder)} = {Folder}, {nameof(Endpoint)} = {Endpoint}, {nameof(Token)} = {(Token is null ? "none" : "set")}, "
        + $"{nameof(StallTimeout)} = {StallTimeout}, {nameof(RetryCount)} = {RetryCount}, {nameof(RetryDelay)} = {RetryDelay} }}";

    internal static Uri CheckEndpoint(Uri value, string parameter) =>
        value is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" } && (value.Scheme == Uri.UriSchemeHttps || value.Scheme == Uri.UriSchemeHttp)
            ? value
            : throw new ArgumentException("The hub's address must be absolute, http or https, without user, query and fragment.", parameter);

    internal static string CheckToken(string value, string parameter) =>
        value.Length is > 0 and <= 4096 && value.All(character => character is > ' ' and < '\u007f')
            ? value
            : throw new ArgumentException("The hub's token is empty, or has spaces or characters beyond ASCII.", parameter);

    private static TimeSpan CheckTime(TimeSpan value, string parameter) =>
        value > TimeSpan.Zero && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(parameter, value, "It must be more than zero and at most an hour.");
}
