namespace Llama2;

/// <summary>Who says a <see cref="LlamaMessage"/>.</summary>
public enum LlamaRole
{
    /// <summary>The program: how the model is to behave.</summary>
    System,

    /// <summary>Whoever talks to the model.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}
