using System.Net;
using System.Net.Http.Headers;
using static System.FormattableString;

namespace Llama2.Store;

/// <summary>
/// The HTTP client of a hub. It follows redirects itself, so that the token is sent only to the hub's own origin, and a redirect from https to http
/// is refused. Thread-safe.
/// </summary>
internal sealed class HubClient : IDisposable
{
    private const int MaxRedirectCount = 10;
    private const int MaxListByteSize = 64 << 20;
    private readonly HttpClient _client;
    private readonly Uri _endpoint;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly TimeSpan _stallTimeout;

    /// <param name="endpoint">The hub's address.</param>
    /// <param name="token">The user's token, or null.</param>
    /// <param name="stallTimeout">How long the hub may send nothing before the connection is treated as stalled.</param>
    public HubClient(Uri endpoint, string? token, TimeSpan stallTimeout)
    {
        _endpoint = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/");
        _authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        _stallTimeout = stallTimeout;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = stallTimeout,
            // A hub on this machine is reached directly and not through the machine's proxy.
            UseProxy = !_endpoint.IsLoopback,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new("llama2", typeof(HubClient).Assembly.GetName().Version?.ToString()));
        // Responses must not be compressed: otherwise the bytes of a file could not be counted, and a transfer could not be continued.
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new("identity"));
    }

    /// <summary>The hub's host name and port, for messages.</summary>
    public string Host => _endpoint.Authority;

    /// <summary>Creates the exception for a connection that has sent nothing for too long.</summary>
    public static TransientException Stalled(TimeSpan timeout) => new(Invariant($"it stalled for {timeout.TotalSeconds:0.###} seconds"));

    /// <summary>Requests the list of files of a repository.</summary>
    /// <exception cref="TransientException">A transient fault.</exception>
    /// <exception cref="ModelStoreException">The hub refuses the request, or the server is not a hub.</exception>
    public async Task<HubRepository> ReadRepositoryAsync(LlamaModelReference reference, CancellationToken cancellationToken)
    {
        var uri = new Uri(_endpoint, $"api/{(reference.IsDataset ? "datasets" : "models")}/{reference.Owner}/{reference.Repository}/revision/{Uri.EscapeDataString(reference.Revision)}?blobs=true");
        using HubResponse response = await SendAsync(uri, range: null, entityTag: null, cancellationToken).ConfigureAwait(false);
        HubStatus.RequireSuccess(response.Status, $"'{reference}'", Host);
        return HubRepository.Parse(await ReadAllAsync(response).ConfigureAwait(false), Host);
    }

    /// <summary>Requests a file, or the part of it that begins at an offset.</summary>
    /// <param name="reference">The repository.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="path">The file's path in the repository.</param>
    /// <param name="offset">The offset of the first byte to request.</param>
    /// <param name="entityTag">
    /// The entity tag of the content to which the bytes before the offset belong. If the content has changed since, the server sends the whole file.
    /// </param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The response, with the status 200, 206 or 416.</returns>
    /// <exception cref="TransientException">A transient fault.</exception>
    /// <exception cref="ModelStoreException">The hub refuses the request.</exception>
    public async Task<HubResponse> GetFileAsync(
        LlamaModelReference reference, string commit, string path, long offset, string? entityTag, CancellationToken cancellationToken)
    {
        string escapedPath = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        var uri = new Uri(_endpoint, $"{(reference.IsDataset ? "datasets/" : "")}{reference.Owner}/{reference.Repository}/resolve/{Uri.EscapeDataString(commit)}/{escapedPath}");
        HubResponse response = await SendAsync(uri, offset > 0 ? new RangeHeaderValue(offset, null) : null, entityTag, cancellationToken).ConfigureAwait(false);
        try
        {
            if (response.Status is not (HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable) || offset == 0)
                HubStatus.RequireSuccess(response.Status, $"'{path}' of '{reference.Owner}/{reference.Repository}'", Host);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HubResponse> SendAsync(Uri uri, RangeHeaderValue? range, string? entityTag, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_stallTimeout);
        try
        {
            for (int redirect = 0; redirect <= MaxRedirectCount; redirect++)
            {
                HttpResponseMessage message = await SendOnceAsync(uri, range, entityTag, deadline.Token).ConfigureAwait(false);
                if ((int)message.StatusCode is not (301 or 302 or 303 or 307 or 308) || message.Headers.Location is not { } location)
                {
                    HubStatus.ThrowIfTransient(message);
                    return new HubResponse(message, await message.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false), _stallTimeout, cancellationToken);
                }

                message.Dispose();
                uri = Follow(uri, location);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Stalled(_stallTimeout);
        }
        catch (HttpRequestException exception)
        {
            string fault = exception.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError
                ? $"{uri.Authority} cannot be reached"
                : $"the request to {uri.Authority} failed";
            throw new TransientException($"{fault} ({exception.Message})", innerException: exception);
        }

        throw new ModelStoreException($"The hub at {Host} redirects more than {MaxRedirectCount} times.");
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Uri uri, RangeHeaderValue? range, string? entityTag, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        if (IsOfHub(uri))
            request.Headers.Authorization = _authorization;
        request.Headers.Range = range;
        if (range is not null && entityTag is not null)
            request.Headers.IfRange = new RangeConditionHeaderValue(entityTag);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    private bool IsOfHub(Uri uri) => uri.Scheme == _endpoint.Scheme && uri.Port == _endpoint.Port && uri.IdnHost.Equals(_endpoint.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static Uri Follow(Uri uri, Uri location)
    {
        var next = new Uri(uri, location);
        return next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && uri.Scheme == Uri.UriSchemeHttp)
            ? next
            : throw new ModelStoreException($"{uri.Authority} redirects from {uri.Scheme} to {next.Scheme}, which is not safe.");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(HubResponse response)
    {
        byte[] buffer = new byte[64 << 10];
        using var content = new MemoryStream();
        while (await response.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
        {
            if (content.Length + count > MaxListByteSize)
                throw new ModelStoreException($"The hub's list of files is longer than {MaxListByteSize >> 20} MiB.");
            content.Write(buffer.AsSpan(0, count));
        }

        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }
}
