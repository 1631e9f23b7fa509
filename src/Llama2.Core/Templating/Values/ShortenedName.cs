namespace Llama2.Templating.Values;

/// <summary>Names in error messages. They come from the template or the conversation and may have any length.</summary>
internal static class ShortenedName
{
    private const int MaxLength = 80;

    /// <summary>The name, or its first 80 characters and an ellipsis.</summary>
    public static string Of(string name) => name.Length <= MaxLength ? name : name[..MaxLength] + "…";
}
