namespace Llama2.Server.Requests;

/// <summary>Whether the answer is streamed.</summary>
/// <param name="IsStreamed">Whether the answer comes as server-sent events.</param>
/// <param name="IncludesUsage">Whether the last event has the usage.</param>
internal readonly record struct StreamFields(bool IsStreamed, bool IncludesUsage)
{
    /// <summary>Reads <c>stream</c> and <c>stream_options</c>.</summary>
    public static StreamFields Read(RequestObject body)
    {
        bool isStreamed = body.Take("stream")?.Flag() ?? false;
        if (body.Take("stream_options") is not { } value)
            return new StreamFields(isStreamed, false);
        if (!isStreamed)
            throw value.Refuse("is allowed only with 'stream': true.");

        RequestObject options = value.Object();
        bool includesUsage = options.Take("include_usage")?.Flag() ?? false;
        TakeObfuscation(options);
        options.End();
        return new StreamFields(isStreamed, includesUsage);
    }

    /// <summary>Takes <c>include_obfuscation</c>: obfuscation hides the lengths of texts from those who watch an encrypted connection.</summary>
    public static void TakeObfuscation(RequestObject options)
    {
        if (options.Take("include_obfuscation") is { } obfuscation && obfuscation.Flag())
            throw obfuscation.Refuse("is true, which this server does not support; leave it out.", "unsupported_value");
    }
}
