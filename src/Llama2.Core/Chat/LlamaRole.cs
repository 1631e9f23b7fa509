namespace Llama2;

/// <summary>The author of a <see cref="LlamaMessage"/>.</summary>
public enum LlamaRole
{
    /// <summary>The program, which tells the model how to behave.</summary>
    System,

    /// <summary>The user, who talks to the model.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>A tool that the model called; the message is the result of the call.</summary>
    Tool,
}
