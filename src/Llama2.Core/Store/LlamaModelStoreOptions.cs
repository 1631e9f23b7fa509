namespace Llama2;

/// <summary>
/// Where models are stored, and from which hub they are pulled. Immutable and thread-safe; every property is checked when it is set. For properties
/// that are null, environment variables are used when the store is created.
/// </summary>
public sealed record LlamaModelStoreOptions
{
    /// <summary>The hub that is used if neither <see cref="Endpoint"/> nor the environment variable <c>HF_ENDPOINT</c> is set.</summary>
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>
    /// The folder of the store, which the first pull creates. If it is null (the default), the store is the folder <c>models</c> in the folder that
    /// the environment variable <c>LLAMA2_HOME</c> names. If that variable is not set, it is the folder <c>llama2/models</c> in the system's folder
    /// for user data (<c>~/.local/share</c> or <c>XDG_DATA_HOME</c>; on Windows <c>%LOCALAPPDATA%</c>). Several processes may use the same folder.
    /// </summary>
    /// <exception cref="ArgumentException">Set to an empty path.</exception>
    public string? Folder
    {
        get;
        init => field = value is null || !string.IsNullOrWhiteSpace(value) ? value : throw new ArgumentException("The path of the store's folder must not be empty.", nameof(value));
    }

    /// <summary>
    /// The hub or a compatible server: an http or https address. If it is null (the default), the environment variable <c>HF_ENDPOINT</c> is used or,
    /// if that is not set, <see cref="DefaultEndpoint"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The address is not absolute, not http or https, or has user information, a query or a fragment.</exception>
    public Uri? Endpoint
    {
        get;
        init => field = value is null ? null : CheckEndpoint(value, nameof(value));
    }

    /// <summary>
    /// The access token by which the hub identifies the user. It is sent only to <see cref="Endpoint"/>, never to the target of a redirect, and it is
    /// never shown. If it is null (the default), the environment variable <c>HF_TOKEN</c> is used or, if that is not set, no token.
    /// </summary>
    /// <exception cref="ArgumentException">Set to a text that is empty, or has spaces or other characters that tokens cannot have.</exception>
    public string? Token
    {
        get;
        init => field = value is null ? null : CheckToken(value, nameof(value));
    }

    /// <summary>
    /// The time within which a connection must deliver at least 16 KiB; otherwise the connection is treated as stalled, and opened again. More than
    /// zero, at most an hour. Default 30 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value out of range.</exception>
    public TimeSpan StallTimeout
    {
        get;
        init => field = CheckTime(value, nameof(value));
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The maximum number of consecutive retries of a request after a transient fault: a lost connection, a stalled connection, or the status 408,
    /// 429 or 5xx. Counting starts again whenever another mebibyte has arrived. 0 to 100, default 5.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value out of range.</exception>
    public int RetryCount
    {
        get;
        init => field = value is >= 0 and <= 100 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "RetryCount must be from 0 to 100.");
    } = 5;

    /// <summary>
    /// The wait before the first retry. For each further retry the wait is doubled, up to 64 times the first wait; then a random part, at most half
    /// of the wait, is subtracted. If the hub states a longer time (<c>Retry-After</c>), that time is used instead, but at most 64 times the first
    /// wait. More than zero, at most an hour. Default 1 second.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value out of range.</exception>
    public TimeSpan RetryDelay
    {
        get;
        init => field = CheckTime(value, nameof(value));
    } = TimeSpan.FromSeconds(1);

    /// <summary>The options as a text for logs; the text does not contain the token.</summary>
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
