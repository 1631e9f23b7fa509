namespace Llama2;

/// <summary>
/// Whether a model's weights are taken from a panel file: a file beside the model that has the weights in the form in which the kernels read them. It is
/// mapped into memory, so a model is ready within a fraction of a second, and processes share the memory. It is as large as the weights in memory.
/// </summary>
public enum PanelFileUse
{
    /// <summary>Panel files are neither read nor written.</summary>
    None,

    /// <summary>A panel file that belongs to the model is used. If there is none, the weights are loaded from the model file.</summary>
    Read,

    /// <summary>
    /// As <see cref="Read"/>, and a panel file that is missing or no longer belongs to the model is written when the model is loaded. If it
    /// cannot be written, the weights are loaded from the model file.
    /// </summary>
    Create,
}
