namespace Llama2.Server.Security;

/// <summary>Headers of every answer that keep browsers from misusing it. An endpoint may replace them.</summary>
internal static class AnswerHeaders
{
    public static void Set(IHeaderDictionary headers)
    {
        // Browsers must never interpret a model's text as markup or a script.
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // Other sites' pages cannot load an answer as an image or a script. Requests that CORS permits are not affected.
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}
