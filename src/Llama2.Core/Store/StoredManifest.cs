namespace Llama2.Store;

/// <summary>A manifest in a store.</summary>
/// <param name="Path">The manifest's file.</param>
/// <param name="Manifest">The manifest's content.</param>
/// <param name="LastUsed">When it was written, or touched since.</param>
internal sealed record StoredManifest(string Path, StoreManifest Manifest, DateTime LastUsed);
