namespace Llama2.Extensions;

/// <summary>A LoRA adapter that <see cref="LlamaOptions.Adapters"/> names.</summary>
public sealed class LlamaAdapterOptions
{
    /// <summary>
    /// The adapter: a GGUF file, a PEFT folder, or the file of weights in it, absolute or relative to the current directory. If there is no such path,
    /// the name of an adapter that was pulled into the <see cref="ILlamaModelStore"/>. Required.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// The factor of the change that the adapter adds, unless a request chooses another; -100 to 100. 1 (the default) is the strength with which it
    /// was trained; with 0, only requests that choose the adapter use it.
    /// </summary>
    public float Scale { get; set; } = 1;
}
