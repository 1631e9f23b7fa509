namespace Llama2;

/// <summary>
/// Models on this machine that were pulled from a hub. Thread-safe, and shared by processes: if two processes pull the same model at the same time,
/// it is transferred once.
/// </summary>
/// <remarks>
/// Pulling is asynchronous only, because it waits for a network. All other methods are synchronous, because they read and write small records on the
/// local disk.
/// </remarks>
public interface ILlamaModelStore
{
    /// <summary>
    /// Pulls a model into the store, or checks that it is already there with the hub's content. Bytes that an earlier, interrupted pull received are
    /// reused; every file is compared with the hub's hash before it gets its name. A model of the same name whose content has changed on the hub is
    /// replaced.
    /// </summary>
    /// <param name="reference">
    /// The model. If it names no file, the repository must have exactly one model; a quantization selects the GGUF file whose name ends with it, and
    /// <c>safetensors</c> or <c>pytorch</c> selects the folder's own weights. A split GGUF file is pulled completely, whichever of its parts is
    /// named.
    /// </param>
    /// <param name="progress">Receives reports of the progress, on any thread, one after the other; null for none.</param>
    /// <param name="cancellationToken">Stops the pull; received bytes are kept for the next one.</param>
    /// <returns>The complete model.</returns>
    /// <exception cref="ModelStoreException">
    /// The hub has no such model, or several; it refuses the request, fails for too long, or sends content that differs from its list.
    /// </exception>
    /// <exception cref="IOException">The disk has not enough room, or the store cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<StoredModel> PullAsync(LlamaModelReference reference, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>The models of the store, including incomplete ones, ordered by name.</summary>
    /// <exception cref="ModelStoreException">A record of the store is damaged.</exception>
    IReadOnlyList<StoredModel> List();

    /// <summary>
    /// Looks for a complete model in the store, without a network. A file whose length or modification time has changed since its hash was compared
    /// with the hub's is hashed again, which takes about a second per gigabyte. Other files are not read.
    /// </summary>
    /// <param name="reference">The model. If it names no file, the store must have exactly one model of that repository and revision.</param>
    /// <returns>The model; null if there is none.</returns>
    /// <exception cref="ModelStoreException">Several models match, a record of the store is damaged, or the content of a file has changed since it was pulled.</exception>
    StoredModel? Find(LlamaModelReference reference);

    /// <summary>Records that a model is being used, which updates <see cref="StoredModel.LastUsed"/>. Does nothing if the store is not writable.</summary>
    /// <param name="model">A model of this store.</param>
    void MarkUsed(StoredModel model);

    /// <summary>Deletes a model, complete or not.</summary>
    /// <param name="reference">The model, as in <see cref="Find"/>.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ModelStoreException">Several models match, or the model is being pulled.</exception>
    /// <exception cref="IOException">A file cannot be deleted, such as one in use on Windows. Removing the model again continues the deletion.</exception>
    bool Remove(LlamaModelReference reference);
}
