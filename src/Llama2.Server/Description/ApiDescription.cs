using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Description;

/// <summary>
/// <c>GET /openapi.json</c>: the description of the endpoints in OpenAPI 3.1. Endpoints that the options leave out are not part of it. Its server address is relative,
/// so it is also correct if the routes have a prefix. Thread-safe.
/// </summary>
internal sealed class ApiDescription
{
    /// <summary>The address of the description.</summary>
    public const string Path = "/openapi.json";

    private const string PathsName = "paths";
    private byte[]? _document;

    public async Task HandleAsync(HttpContext context)
    {
        // The routes are complete when the first request comes.
        byte[] document = _document ??= Describe(context);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = document.Length;
        await context.Response.BodyWriter.WriteAsync(document, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The description of all endpoints that a server may have.</summary>
    public static JsonDocument ReadAll()
    {
        using Stream stream = typeof(ApiDescription).Assembly.GetManifestResourceStream("openapi.json")!;
        return JsonDocument.Parse(stream);
    }

    private static byte[] Describe(HttpContext context)
    {
        HashSet<string> routes = [.. context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(TextOf)];
        string own = context.GetEndpoint() is RouteEndpoint endpoint ? TextOf(endpoint) : Path;
        return WriteOnly(path => routes.Contains(own[..^Path.Length] + path));
    }

    // A parameter that takes the rest of the address is written as {**name} in a route, and as {name} in the description.
    private static string TextOf(RouteEndpoint endpoint) => (endpoint.RoutePattern.RawText ?? "").Replace("{**", "{", StringComparison.Ordinal);

    private static byte[] WriteOnly(Func<string, bool> isMapped)
    {
        using JsonDocument all = ReadAll();
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (JsonProperty member in all.RootElement.EnumerateObject())
            {
                if (member.NameEquals(PathsName))
                    WritePaths(json, member.Value, isMapped);
                else
                    member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WritePaths(Utf8JsonWriter json, JsonElement paths, Func<string, bool> isMapped)
    {
        json.WriteStartObject(PathsName);
        foreach (JsonProperty path in paths.EnumerateObject().Where(path => isMapped(path.Name)))
            path.WriteTo(json);
        json.WriteEndObject();
    }
}
