namespace Llama2.Cli.Terminal;

/// <summary>Converts an exception to a message for users who are not programmers.</summary>
internal static class ErrorSentence
{
    /// <summary>Whether the cause of the exception is the user's input or system, and not an error in this program.</summary>
    public static bool Explains(Exception exception) =>
        exception is LlamaException or CommandException or IOException or UnauthorizedAccessException or ArgumentException or OutOfMemoryException;

    /// <summary>
    /// Returns the message of an exception about the value of an option. The name of the library's property is replaced by the name of the option.
    /// </summary>
    public static string OfOption(string option, ArgumentException exception)
    {
        string sentence = Of(exception);
        return exception.ParamName is { Length: > 0 } property && sentence.StartsWith(property, StringComparison.Ordinal)
            ? option + sentence[property.Length..]
            : $"{option}: {sentence}";
    }

    /// <summary>Returns the message of an exception; of the library's members that it names, only the command's options remain.</summary>
    public static string Of(Exception exception)
    {
        if (exception is OutOfMemoryException)
            return "the system has no memory left for this: close other programs, or use a smaller model, a shorter context or fewer threads";

        // .NET appends the parameter's name and value to the message; they are removed.
        int end = exception is ArgumentException ? exception.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        string sentence = end < 0 ? exception.Message : exception.Message[..end];
        return exception is CommandException ? sentence : OptionNames.Translate(sentence);
    }
}
