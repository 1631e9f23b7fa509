namespace Llama2;

/// <summary>
/// Models on this machine that came from a hub. Thread-safe, and shared by processes: two that pull the same model at the same time transfer it
/// once.
/// </summary>
public interface ILlamaModelStore
{
    /// <summary>
    /// Brings a model into the store, or makes sure that it is there as the hub has it. What an earlier, interrupted pull left is used; every file
    /// is compared with the hub's hash before it gets its name. A model of the same name whose content has changed on the hub is replaced.
    /// </summary>
    /// <param name="reference">
    /// The model. Without a file the repository must have exactly one; a quantization's name takes the GGUF file whose name ends with it, and
    /// <c>safetensors</c> or <c>pytorch</c> the folder's own weights. A split GGUF file is pulled whole, whichever of its parts is named.
    /// </param>
    /// <param name="progress">Told now and then how far it has come, on any thread, one report after the other; null if nobody watches.</param>
    /// <param name="cancellationToken">Stops it; what has come stays for the next pull.</param>
    /// <returns>The model, whole.</returns>
    /// <exception cref="ModelStoreException">The hub has no such model, has several, refuses, fails for too long, or sends other content than it lists.</exception>
    /// <exception cref="IOException">The disk has no room, or the store cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<StoredModel> PullAsync(LlamaModelReference reference, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>The models of the store, those that are not whole included, ordered by name.</summary>
    /// <exception cref="ModelStoreException">A record of the store is damaged.</exception>
    IReadOnlyList<StoredModel> List();

    /// <summary>
    /// Looks for a complete model in the store, without a network. A file whose length or modification time has changed since its hash was compared
    /// with the hub's is hashed again, which takes about a second per gigabyte. Other files are not read.
    /// </summary>
    /// <param name="reference">The model. Without a file the store must have exactly one of that repository and revision.</param>
    /// <returns>The model; null if there is none.</returns>
    /// <exception cref="ModelStoreException">Several models match, a record of the store is damaged, or the content of a file has changed since it was pulled.</exception>
    StoredModel? Find(LlamaModelReference reference);

    /// <summary>Notes that a model is being used; <see cref="StoredModel.LastUsed"/> shows it from then on. Nothing where the store may not be written.</summary>
    /// <param name="model">A model of this store.</param>
    void MarkUsed(StoredModel model);

    /// <summary>Deletes a model, whole or not.</summary>
    /// <param name="reference">The model, as for <see cref="Find"/>.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ModelStoreException">Several models fit, or the model is being pulled.</exception>
    /// <exception cref="IOException">A file cannot be deleted, such as one in use on Windows. Removing it again goes on.</exception>
    bool Remove(LlamaModelReference reference);
}
