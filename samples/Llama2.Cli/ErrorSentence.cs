namespace Llama2.Cli;

/// <summary>What an exception says to somebody who does not program.</summary>
internal static class ErrorSentence
{
    /// <summary>Whether the exception is about what the user gave or has, and not a fault of this program.</summary>
    public static bool Explains(Exception exception) =>
        exception is LlamaException or CommandException or IOException or UnauthorizedAccessException or ArgumentException or OutOfMemoryException;

    public static string Of(Exception exception)
    {
        if (exception is OutOfMemoryException)
            return "the system has no memory left for this: close other programs, or take a smaller model, a shorter context or fewer threads";

        // .NET appends parameter name and value to the sentence.
        int end = exception is ArgumentException ? exception.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
