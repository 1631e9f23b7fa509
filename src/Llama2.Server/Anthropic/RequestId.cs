namespace Llama2.Server.Anthropic;

/// <summary>The id of a request, which every answer has in the header <c>request-id</c>.</summary>
internal static class RequestId
{
    private const string Header = "request-id";

    /// <summary>The id; the first call makes it and sets the header, which must be before the answer begins.</summary>
    public static string Of(HttpContext context)
    {
        if (context.Response.Headers[Header] is [{ } known])
            return known;
        string id = $"req_{Guid.NewGuid():N}";
        context.Response.Headers[Header] = id;
        return id;
    }
}
