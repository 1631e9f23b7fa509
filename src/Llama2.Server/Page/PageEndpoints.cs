using Microsoft.AspNetCore.Http.Headers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Llama2.Server.Page;

/// <summary><c>GET /</c>, the chat page, and <c>GET /page/{file}</c>, its files.</summary>
/// <param name="options">The options of the endpoints.</param>
internal sealed class PageEndpoints(LlamaServerOptions options)
{
    /// <summary>
    /// What the page may do: load its own files and send requests to its own server. It has no inline script or style, and Trusted Types forbid turning text
    /// into markup, so the text of an answer stays text.
    /// </summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    // Most servers never serve the page, so the start of a server does not wait for it.
    private readonly Lazy<PageFiles> _files = new(() => new PageFiles(options));

    public Task ShowAsync(HttpContext context)
    {
        // The page's addresses are relative, so that any prefix works, even one that only a proxy adds. The address must therefore end in a slash, like the
        // address of a folder.
        string path = context.Request.PathBase.Add(context.Request.Path).ToUriComponent();
        if (path.EndsWith('/'))
            return SendAsync(context, _files.Value.Find(PageFiles.IndexName)!);
        context.Response.Redirect(path[(path.LastIndexOf('/') + 1)..] + "/");
        return Task.CompletedTask;
    }

    public Task SendFileAsync(HttpContext context)
    {
        if (_files.Value.Find((string)context.GetRouteValue("file")!) is { } file)
            return SendAsync(context, file);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    // The result answers conditional requests, ranges and HEAD.
    private static Task SendAsync(HttpContext context, PageFile file)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        // The browser revalidates the file each time, and mostly gets 304: a new version of the server comes with a new page.
        headers.CacheControl = "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        string? coding = CodingFor(context.Request.GetTypedHeaders());
        if (coding is not null)
            headers.ContentEncoding = coding;
        var tag = new EntityTagHeaderValue($"\"{file.Digest}{(coding is null ? "" : "-" + coding)}\"");
        return TypedResults.Bytes(file.In(coding), file.ContentType, entityTag: tag).ExecuteAsync(context);
    }

    private static string? CodingFor(RequestHeaders request)
    {
        string[] accepted = [.. request.AcceptEncoding.Where(coding => coding.Quality is null or > 0).Select(coding => coding.Value.ToString())];
        return accepted.Contains("br", StringComparer.OrdinalIgnoreCase) ? "br" : accepted.Contains("gzip", StringComparer.OrdinalIgnoreCase) ? "gzip" : null;
    }
}
