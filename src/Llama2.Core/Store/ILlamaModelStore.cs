namespace Llama2;

/// <summary>
/// A store of models on this machine that were pulled (downloaded and verified) from a hub. Thread-safe. Several processes can use the same store: if two of
/// them pull the same model at the same time, the model is transferred once.
/// </summary>
/// <remarks>
/// Pulling has only an asynchronous method, because it waits for the network. All other methods are synchronous, because they read and write small
/// records on the local disk.
/// </remarks>
public interface ILlamaModelStore
{
    /// <summary>
    /// Pulls a model into the store. If the model is already in the store, the method only checks whether its content is still the same on the hub;
    /// if it is not, the model is replaced. Bytes that were received by an earlier, interrupted pull are not transferred again. A file gets its final
    /// name only when its hash is the one that the hub states.
    /// </summary>
    /// <param name="reference">
    /// The model. If the reference names no file, the repository must have exactly one model. A quantization selects the GGUF file whose name ends with it, and
    /// <c>safetensors</c> or <c>pytorch</c> selects the weights that belong to the repository's <c>config.json</c>. If any part of a split
    /// GGUF file is named, all parts are pulled.
    /// </param>
    /// <param name="progress">Receives reports of the progress, one after the other but on any thread; null for no reports.</param>
    /// <param name="cancellationToken">Stops the pull. The bytes that were received are kept for the next pull.</param>
    /// <returns>The complete model.</returns>
    /// <exception cref="ModelStoreException">
    /// The hub has no such model, or several models match; or the hub refuses the request, fails for too long, or sends content that does not match
    /// its list of files.
    /// </exception>
    /// <exception cref="IOException">The disk has too little free space, or the store cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<StoredModel> PullAsync(LlamaModelReference reference, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>The models of the store, including incomplete ones, ordered by name.</summary>
    /// <exception cref="ModelStoreException">A record of the store is damaged.</exception>
    IReadOnlyList<StoredModel> List();

    /// <summary>
    /// Looks for a complete model in the store, without using the network. If the length or the modification time of a file has changed since its
    /// hash was verified, the file is hashed again, which takes about a second per gigabyte. Other files are not read.
    /// </summary>
    /// <param name="reference">The model. If the reference names no file, the store must have exactly one model of that repository and revision.</param>
    /// <returns>The model; null if there is none.</returns>
    /// <exception cref="ModelStoreException">Several models match, a record of the store is damaged, or the content of a file has changed since it was pulled.</exception>
    StoredModel? Find(LlamaModelReference reference);

    /// <summary>Records that a model is being used, which updates <see cref="StoredModel.LastUsed"/>. Does nothing if the store is not writable.</summary>
    /// <param name="model">A model of this store.</param>
    void MarkUsed(StoredModel model);

    /// <summary>Deletes a model, complete or not.</summary>
    /// <param name="reference">The model, as in <see cref="Find"/>.</param>
    /// <returns>Whether the store contained such a model.</returns>
    /// <exception cref="ModelStoreException">Several models match, or the model is being pulled.</exception>
    /// <exception cref="IOException">
    /// A file cannot be deleted; for example, Windows does not delete a file that is in use. Calling this method again continues the deletion.
    /// </exception>
    bool Remove(LlamaModelReference reference);
}
