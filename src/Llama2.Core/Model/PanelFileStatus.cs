namespace Llama2;

/// <summary>How the panel file was used when a model was loaded. Immutable.</summary>
/// <param name="Path">The panel file.</param>
/// <param name="IsMapped">Whether the model's weights are in the file, mapped into memory.</param>
/// <param name="IsCreated">Whether the file was written by this load.</param>
/// <param name="Problem">
/// A sentence that says why an existing file was not used, or why the file could not be written; null if there was no problem. A missing file does not count as
/// a problem.
/// </param>
public sealed record PanelFileStatus(string Path, bool IsMapped, bool IsCreated, string? Problem);
