namespace Llama2.Cli.Terminal;

/// <summary>The message of an exception for users who are not programmers.</summary>
internal static class ErrorSentence
{
    /// <summary>Whether the exception is caused by the user's input or system, instead of a fault of this program.</summary>
    public static bool Explains(Exception exception) =>
        exception is LlamaException or CommandException or IOException or UnauthorizedAccessException or ArgumentException or OutOfMemoryException;

    /// <summary>The message about the value of an option, with the name of the library's property replaced by the name of the option.</summary>
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

        // .NET appends the parameter name and value to the message.
        int end = exception is ArgumentException ? exception.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
