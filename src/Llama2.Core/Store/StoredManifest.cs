namespace Llama2.Store;

/// <summary>A manifest in a store.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Manifest">What it says.</param>
/// <param name="LastUsed">When it was written, or touched since.</param>
internal sealed record StoredManifest(string Path, StoreManifest Manifest, DateTime LastUsed);
