namespace Llama2.Extensions;

/// <summary>A LoRA adapter that <see cref="LlamaOptions.Adapters"/> names.</summary>
public sealed class LlamaAdapterOptions
{
    /// <summary>
    /// The path of the adapter, absolute or relative to the current directory: a GGUF file, a PEFT folder, or the file with the weights in a PEFT
    /// folder. If nothing exists at this path, the value is the name of an adapter that was pulled into the <see cref="ILlamaModelStore"/>. Required.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// The factor by which the adapter's changes to the weights are multiplied, unless a request chooses another factor; -100 to 100. With 1 (the
    /// default), the adapter has the effect for which it was trained. With 0, only requests that choose the adapter use it.
    /// </summary>
    public float Scale { get; set; } = 1;
}
