namespace Llama2.Cli;

/// <summary>What an exception says to somebody who does not program.</summary>
internal static class ErrorSentence
{
    public static string Of(Exception exception)
    {
        // .NET appends parameter name and value to the sentence.
        int end = exception is ArgumentException ? exception.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
