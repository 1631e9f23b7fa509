namespace Llama2.Cli.Terminal;

/// <summary>What an exception says to somebody who does not program.</summary>
internal static class ErrorSentence
{
    /// <summary>Whether the exception is about what the user gave or has, and not a fault of this program.</summary>
    public static bool Explains(Exception exception) =>
        exception is LlamaException or CommandException or IOException or UnauthorizedAccessException or ArgumentException or OutOfMemoryException;

    /// <summary>The sentence about the value of an option: the name of the library's property becomes the option's.</summary>
    public static string OfOption(string option, ArgumentException exception)
    {
        string sentence = Of(exception);
        return exception.ParamName is { Length: > 0 } property && sentence.StartsWith(property, StringComparison.Ordinal)
            ? option + sentence[property.Length..]
            : $"{option}: {sentence}";
    }

    public static string Of(Exception exception)
    {
        if (exception is OutOfMemoryException)
            return "the system has no memory left for this: close other programs, or take a smaller model, a shorter context or fewer threads";

        // .NET appends parameter name and value to the sentence.
        int end = exception is ArgumentException ? exception.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
