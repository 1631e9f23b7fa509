namespace Llama2.Server.Errors;

/// <summary>Texts of requests in errors.</summary>
internal static class ErrorText
{
    private const int MaxLength = 64;

    /// <summary>Cuts off a long text, so that an error is not as long as the request.</summary>
    public static string Shorten(string text) => text.Length <= MaxLength ? text : $"{text[..MaxLength]}…";
}
