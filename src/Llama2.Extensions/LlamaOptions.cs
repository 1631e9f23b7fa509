namespace Llama2.Extensions;

/// <summary>Which model <c>AddLlama</c> registers, and how it is loaded. Checked when it is first used, and when a host starts.</summary>
public sealed class LlamaOptions
{
    /// <summary>The model's file, absolute or relative to the current directory. Required; the file must exist.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>How the model is loaded. Default: its own context length, all processors.</summary>
    public LlamaModelOptions Model { get; set; } = new();
}
