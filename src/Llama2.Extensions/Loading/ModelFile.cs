using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Loading;

/// <summary>The file, folder or pulled model to which the path of a model or an adapter in the options refers.</summary>
/// <param name="Path">The file or folder to load.</param>
/// <param name="ByteSize">The model's size in bytes.</param>
/// <param name="Stored">The model's entry in the store; null for a model outside the store.</param>
internal sealed record ModelFile(string Path, long ByteSize, StoredModel? Stored)
{
    /// <summary>Finds the model or adapter; null if there is none. A file or folder is preferred to a pulled model with the same name.</summary>
    /// <exception cref="ModelStoreException">Several pulled models match, or the store is damaged.</exception>
    public static ModelFile? Find(string modelPath, IServiceProvider services)
    {
        if (new FileInfo(modelPath) is { Exists: true, Length: var byteSize })
            return new ModelFile(modelPath, byteSize, null);
        if (new DirectoryInfo(modelPath) is { Exists: true } folder)
            return new ModelFile(modelPath, folder.EnumerateFiles().Sum(file => file.Length), null);
        return LlamaModelReference.TryParse(modelPath, out LlamaModelReference? reference)
            && services.GetRequiredService<ILlamaModelStore>().Find(reference) is { } stored
                ? new ModelFile(stored.Path, stored.ByteSize, stored)
                : null;
    }

    /// <summary>Finds a model that must still exist, because an earlier call has found it.</summary>
    /// <exception cref="FileNotFoundException">The model does not exist any more.</exception>
    /// <exception cref="ModelStoreException">Several pulled models match, or the store is damaged.</exception>
    public static ModelFile Require(string modelPath, IServiceProvider services) =>
        Find(modelPath, services) ?? throw new FileNotFoundException($"The model '{modelPath}' does not exist any more.", modelPath);

    /// <summary>Records in the store that the model is being used.</summary>
    public void MarkUsed(IServiceProvider services)
    {
        if (Stored is not null)
            services.GetRequiredService<ILlamaModelStore>().MarkUsed(Stored);
    }
}
