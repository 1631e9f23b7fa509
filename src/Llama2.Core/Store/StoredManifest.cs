namespace Llama2.Store;

/// <summary>A manifest in a store.</summary>
/// <param name="Path">The manifest's file.</param>
/// <param name="Manifest">The manifest's content.</param>
/// <param name="LastUsed">
/// The modification time of the manifest's file: when the manifest was written, or when its model was last marked as used.
/// </param>
internal sealed record StoredManifest(string Path, StoreManifest Manifest, DateTime LastUsed);
