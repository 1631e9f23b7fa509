namespace Llama2.Tests.Store;

public class LlamaModelStoreTests
{
    private static readonly byte[] s_content = TestHub.Content(300_000);

    [Fact]
    public async Task PullAsync_Gguf_IsThereAndFoundWithoutTheHub()
    {
        using var fixture = new StoreFixture(("a.Q4_0.gguf", s_content), ("README.md", [1]));
        var reports = new List<PullProgress>();

        StoredModel model = await fixture.Store.PullAsync(StoreFixture.Reference(), new Recorder(reports));

        (await File.ReadAllBytesAsync(model.Path)).Should().Equal(s_content);
        Path.GetFileName(model.Path).Should().Be("a.Q4_0.gguf");
        reports[^1].Should().Match<PullProgress>(report => report.ReceivedBytes == 300_000 && report.TotalBytes == 300_000 && report.Fraction == 1 && report.File == "a.Q4_0.gguf");
        fixture.Files.Should().Equal(model.Path);
        fixture.Hub.Dispose();
        StoredModel found = fixture.OpenStore().Find(StoreFixture.Reference("q4_0"))!;
        found.Should().Be(model with { LastUsed = found.LastUsed });
        found.Should().Match<StoredModel>(stored => stored.IsComplete && stored.ByteSize == 300_000 && stored.Type == StoredModelType.Gguf && stored.Commit == TestHub.Commit);
        fixture.Store.List().Should().Equal(found);
    }

    [Fact]
    public async Task PullAsync_Model_CanBeLoaded()
    {
        using var fixture = new StoreFixture(("story.Q8_0.gguf", await File.ReadAllBytesAsync(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"))));
        using LlamaModelStore store = fixture.OpenStore();

        StoredModel stored = await store.PullAsync(LlamaModelReference.Parse("owner/repo:Q8_0"));
        using LlamaModel model = LlamaModel.Load(stored.Path);

        model.Path.Should().Be(stored.Path);
    }

    [Fact]
    public async Task Resolve_NameOfAPulledModel_IsItsPathAndCountsAsUse()
    {
        using var fixture = new StoreFixture(("story.Q8_0.gguf", new byte[1000]));
        using LlamaModelStore store = fixture.OpenStore();
        StoredModel stored = await store.PullAsync(LlamaModelReference.Parse("owner/repo:Q8_0"));
        var options = new LlamaModelStoreOptions { Folder = store.Folder };

        LlamaModelStore.Resolve("owner/repo:Q8_0", options).Should().Be(stored.Path);

        store.Find(LlamaModelReference.Parse("owner/repo:Q8_0"))!.LastUsed.Should().BeOnOrAfter(stored.LastUsed);
        LlamaModelStore.Resolve(stored.Path, options).Should().Be(stored.Path);
        LlamaModelStore.Resolve("owner/other:Q8_0", options).Should().Be("owner/other:Q8_0", "there is none");
        LlamaModelStore.Resolve("no such file.gguf", options).Should().Be("no such file.gguf");
    }

    [Fact]
    public async Task PullAsync_Again_TransfersNothing()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        StoredModel first = await fixture.PullAsync();

        StoredModel second = await fixture.PullAsync("a.gguf");

        second.Path.Should().Be(first.Path);
        fixture.Hub.FileRequests.Should().ContainSingle();
    }

    [Fact]
    public async Task PullAsync_FileThatSomebodyCut_IsNotWholeAndIsPulledAgain()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        await File.WriteAllBytesAsync((await fixture.PullAsync()).Path, s_content[..10]);
        fixture.Store.Find(StoreFixture.Reference()).Should().BeNull();

        StoredModel model = await fixture.PullAsync();

        model.IsComplete.Should().BeTrue();
        (await File.ReadAllBytesAsync(model.Path)).Should().Equal(s_content);
    }

    // The changed content has the same length, so only its hash shows the change.
    [Fact]
    public async Task PullAsync_FileThatSomebodyChanged_IsRefusedAndPulledAgain()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        string path = (await fixture.PullAsync()).Path;
        byte[] changed = [.. s_content];
        changed[^1]++;
        Change(path, changed);

        FluentActions.Invoking(() => fixture.Store.Find(StoreFixture.Reference())).Should().Throw<ModelStoreException>().WithMessage("*a.gguf' has changed since it was pulled*Pull 'owner/repo:a.gguf' again*");
        await fixture.PullAsync();

        (await File.ReadAllBytesAsync(path)).Should().Equal(s_content);
        fixture.Store.Find(StoreFixture.Reference()).Should().NotBeNull();
    }

    [Fact]
    public async Task PullAsync_HubThatFailsTwice_TellsOfBothRetriesAndGoesOn()
    {
        using var fixture = new StoreFixture(("a.Q4_0.gguf", s_content));
        int listCount = 0, fileCount = 0;
        fixture.Hub.Alter = (request, reply) => (request.IsForFile ? fileCount++ : listCount++) == 0 ? new HubReply(503, []) : reply;
        var reports = new List<PullProgress>();

        await fixture.Store.PullAsync(StoreFixture.Reference(), new Recorder(reports));

        PullProgress[] retries = [.. reports.Where(report => report.Retry is not null)];
        retries.Should().HaveCount(2);
        retries[0].Should().Match<PullProgress>(report => report.File == "" && report.TotalBytes == 0 && report.Fraction == 0 && report.Retry!.Reason == "it answered 503");
        retries[1].Should().Match<PullProgress>(report => report.File == "a.Q4_0.gguf" && report.TotalBytes == 300_000 && report.Retry!.Number == 1 && report.Retry.MaxNumber == 5);
        reports[^1].Should().Match<PullProgress>(report => report.Retry == null && report.Fraction == 1);
    }

    // A file that was hashed before is recognized by its length and modification time. If somebody changes its content and restores its length and time, the
    // store does not notice the change.
    [Fact]
    public async Task Find_FileOfTheLengthAndTimeThatItHadWhenItWasHashed_IsNotHashedAgain()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        string path = (await fixture.PullAsync()).Path;
        DateTime time = File.GetLastWriteTimeUtc(path);
        await File.WriteAllBytesAsync(path, new byte[s_content.Length]);
        File.SetLastWriteTimeUtc(path, time);

        fixture.Store.Find(StoreFixture.Reference()).Should().NotBeNull();
    }

    // The list of verified files is missing or malformed, as in a store that an earlier version wrote, or that was copied.
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"files":[{"path":1}]}""")]
    [InlineData("""{"files":[{"path":"a.gguf","hash":"0","size":1,"modified":1}]}""")]
    public async Task Find_StoreWithoutAUsableRecordOfHashes_HashesOnceAndRemembers(string? record)
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        string path = (await fixture.PullAsync()).Path, verified = Directory.GetFiles(Path.Combine(fixture.Options.Folder!, ".models"), "*.verified").Single(), before = await File.ReadAllTextAsync(verified);
        File.Delete(verified);
        if (record is not null)
            await File.WriteAllTextAsync(verified, record);

        fixture.Store.Find(StoreFixture.Reference())!.Path.Should().Be(path);

        (await File.ReadAllTextAsync(verified)).Should().Be(before);
    }

    [UnixFact]
    public async Task Find_FileThatIsALink_IsNotThere()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        string path = (await fixture.PullAsync()).Path;
        File.Move(path, path + ".elsewhere");
        File.CreateSymbolicLink(path, path + ".elsewhere");

        fixture.Store.Find(StoreFixture.Reference()).Should().BeNull();
    }

    [UnixFact]
    public async Task PullAsync_LinksInPlacesThatThePullWritesTo_LeadNowhere()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        string path = (await fixture.PullAsync()).Path, victim = Path.Combine(fixture.Options.Folder!, "victim"), models = Path.Combine(fixture.Options.Folder!, ".models");
        File.Delete(path);
        await File.WriteAllTextAsync(victim, "precious");
        string[] followed = [path + ".partial.etag", Directory.GetFiles(models, "*.verified").Single()];
        foreach (string link in followed)
        {
            File.Delete(link);
            File.CreateSymbolicLink(link, victim);
        }

        await fixture.PullAsync();

        (await File.ReadAllTextAsync(victim)).Should().Be("precious");
        (await File.ReadAllBytesAsync(path)).Should().Equal(s_content);
        string manifest = Directory.GetFiles(models, "*.json").Single(), held = Directory.GetFiles(Path.Combine(fixture.Options.Folder!, ".locks")).Single();
        foreach (string link in (string[])[manifest, held])
        {
            byte[] content = await File.ReadAllBytesAsync(link);
            File.Delete(link);
            File.CreateSymbolicLink(link, victim);
            (await fixture.PullFailsAsync()).Should().Contain("is a link");
            File.Delete(link);
            await File.WriteAllBytesAsync(link, content);
        }

        (await File.ReadAllTextAsync(victim)).Should().Be("precious");
    }

    [Fact]
    public async Task PullAsync_TokenizerBesideAModel_DoesNotMakeTheModelsNameAmbiguous()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content), ("tokenizer.model", [1]));
        StoredModel tokenizer = await fixture.PullAsync("tokenizer.model");
        StoredModel model = await fixture.PullAsync();

        fixture.Store.Find(StoreFixture.Reference())!.Path.Should().Be(model.Path);
        fixture.Store.Find(StoreFixture.Reference("tokenizer.model"))!.Path.Should().Be(tokenizer.Path);
        tokenizer.Type.Should().Be(StoredModelType.Other);
    }

    [Fact]
    public async Task PullAsync_Folder_HasEveryFileAndGitsHashes()
    {
        using var fixture = new StoreFixture(("config.json", [.. "{}"u8]), ("model.safetensors", s_content), ("tokenizer.json", []), ("original/x.pth", [1]));

        StoredModel model = await fixture.PullAsync();

        model.Type.Should().Be(StoredModelType.Safetensors);
        model.Reference.ToString().Should().Be("owner/repo:safetensors");
        Directory.GetFiles(model.Path).Select(Path.GetFileName).Should().BeEquivalentTo("config.json", "model.safetensors", "tokenizer.json");
        (await File.ReadAllTextAsync(Path.Combine(model.Path, "config.json"))).Should().Be("{}");
    }

    [Fact]
    public async Task PullAsync_SplitInAFolder_IsPulledWhole()
    {
        using var fixture = new StoreFixture(("Q8/a b-00001-of-00002.gguf", s_content), ("Q8/a b-00002-of-00002.gguf", TestHub.Content(5, 2)));

        StoredModel model = await fixture.PullAsync();

        model.Path.Should().EndWith("a b-00001-of-00002.gguf");
        model.ByteSize.Should().Be(300_005);
        File.Exists(model.Path.Replace("00001-of", "00002-of", StringComparison.Ordinal)).Should().BeTrue();
        fixture.Hub.FileRequests.First().Path.Should().Be($"/owner/repo/resolve/{TestHub.Commit}/Q8/a%20b-00001-of-00002.gguf");
    }

    [Fact]
    public async Task PullAsync_ContentThatChangedOnTheHub_ReplacesTheOld()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        StoredModel old = await fixture.PullAsync();
        fixture.Hub.Files["a.gguf"] = TestHub.Content(1000, 2);

        StoredModel model = await fixture.PullAsync();

        File.Exists(old.Path).Should().BeFalse();
        fixture.Files.Should().Equal(model.Path);
        fixture.Store.Find(StoreFixture.Reference())!.Path.Should().Be(model.Path);
        (await File.ReadAllBytesAsync(model.Path)).Should().Equal(fixture.Hub.Files["a.gguf"]);
    }

    [Fact]
    public async Task PullAsync_ContentThatChangedAndDoesNotCome_LeavesTheOld()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        StoredModel old = await fixture.PullAsync();
        fixture.Hub.Files["a.gguf"] = TestHub.Content(1000, 2);
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? new HubReply(404, []) : reply;

        await fixture.PullFailsAsync();

        fixture.Store.Find(StoreFixture.Reference())!.Path.Should().Be(old.Path);
        (await File.ReadAllBytesAsync(old.Path)).Should().Equal(s_content);
    }

    [Fact]
    public async Task PullAsync_ReferenceOfAnotherRevision_IsAnotherModel()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        await fixture.PullAsync();
        var tagged = LlamaModelReference.Parse("owner/repo@refs/pr/1:a.gguf");

        StoredModel model = await fixture.Store.PullAsync(tagged);

        fixture.Hub.Requests.Should().Contain(request => request.Path == "/api/models/owner/repo/revision/refs%2Fpr%2F1?blobs=true");
        fixture.Store.Find(tagged)!.Path.Should().Be(model.Path);
        fixture.Store.Remove(StoreFixture.Reference()).Should().BeTrue();
        File.Exists(model.Path).Should().BeTrue();
    }

    [Fact]
    public async Task PullAsync_TwoAtATime_TransferOnce()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? reply with { ChunkLength = 50_000, Pause = TimeSpan.FromMilliseconds(5) } : reply;

        StoredModel[] models = await Task.WhenAll(fixture.OpenStore().PullAsync(StoreFixture.Reference()), fixture.OpenStore().PullAsync(StoreFixture.Reference()));

        models[0].Path.Should().Be(models[1].Path);
        fixture.Hub.FileRequests.Should().ContainSingle();
    }

    [Fact]
    public async Task PullAsync_Cancelled_StopsAndGoesOnLater()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        fixture.Hub.Alter = (request, reply) => request.IsForFile && request.Header("Range") is null ? reply with { StallAt = 200_000 } : reply;
        using var cancellation = new CancellationTokenSource();

        Task pull = fixture.PullAsync(cancellationToken: cancellation.Token);
        SpinWait.SpinUntil(() => fixture.Files.Any(path => new FileInfo(path).Length == 200_000), TimeSpan.FromSeconds(10)).Should().BeTrue();
        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => pull).Should().ThrowAsync<OperationCanceledException>();
        fixture.Store.Find(StoreFixture.Reference()).Should().BeNull();
        fixture.Store.List().Should().ContainSingle().Which.IsComplete.Should().BeFalse();
        (await File.ReadAllBytesAsync((await fixture.PullAsync()).Path)).Should().Equal(s_content);
        fixture.Hub.FileRequests.Last().Header("Range").Should().Be("bytes=200000-");
    }

    [Fact]
    public async Task Remove_WhileItIsPulled_IsRefused()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? reply with { StallAt = 1 } : reply;
        using var cancellation = new CancellationTokenSource();
        Task pull = fixture.PullAsync(cancellationToken: cancellation.Token);
        SpinWait.SpinUntil(() => fixture.Hub.FileRequests.Any(), TimeSpan.FromSeconds(10)).Should().BeTrue();

        fixture.OpenStore().Invoking(store => store.Remove(StoreFixture.Reference())).Should().Throw<ModelStoreException>().WithMessage("*is being pulled*");

        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => pull).Should().ThrowAsync<OperationCanceledException>();
        fixture.Store.Remove(StoreFixture.Reference()).Should().BeTrue("the remains of an interrupted pull can be removed");
        fixture.Files.Should().BeEmpty();
        fixture.Store.List().Should().BeEmpty();
    }

    [Fact]
    public async Task Remove_Model_DeletesIt()
    {
        using var fixture = new StoreFixture(("a.Q4_0.gguf", s_content), ("a.Q8_0.gguf", s_content));
        await fixture.PullAsync("Q4_0");
        StoredModel other = await fixture.PullAsync("Q8_0");

        fixture.Store.Invoking(store => store.Remove(StoreFixture.Reference())).Should().Throw<ModelStoreException>().WithMessage("*several*owner/repo:a.Q4_0.gguf, owner/repo:a.Q8_0.gguf*");
        fixture.Store.Remove(StoreFixture.Reference("Q4_0")).Should().BeTrue();
        fixture.Store.Remove(StoreFixture.Reference("Q4_0")).Should().BeFalse();

        fixture.Files.Should().Equal(other.Path);
        fixture.Store.Find(StoreFixture.Reference())!.Path.Should().Be(other.Path);
    }

    [Fact]
    public async Task MarkUsed_Model_IsListedSo()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        StoredModel model = await fixture.PullAsync();
        foreach (string manifest in Directory.GetFiles(Path.Combine(fixture.Store.Folder, ".models")))
            File.SetLastWriteTimeUtc(manifest, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        fixture.Store.List()[0].LastUsed.Year.Should().Be(2001);

        fixture.Store.MarkUsed(model);

        fixture.Store.List()[0].LastUsed.Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"version\":2}")]
    [InlineData("{\"version\":1,\"model\":\"owner/repo:a.gguf\",\"commit\":\"c\",\"type\":\"Gguf\",\"files\":[]}")]
    [InlineData("{\"version\":1,\"model\":\"owner/repo:a.gguf\",\"commit\":\"c\",\"type\":\"Gguf\",\"files\":[{\"path\":\"../../a\",\"size\":1,\"hash\":null}]}")]
    [InlineData("{\"version\":1,\"model\":\"../..:a.gguf\",\"commit\":\"c\",\"type\":\"Gguf\",\"files\":[{\"path\":\"a\",\"size\":1,\"hash\":null}]}")]
    [InlineData("{\"version\":1,\"model\":\"owner/repo:a\",\"commit\":\"c\",\"type\":\"Nothing\",\"files\":[{\"path\":\"a\",\"size\":-1,\"hash\":null}]}")]
    public void List_DamagedManifest_NamesIt(string json)
    {
        using var fixture = new StoreFixture();
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(fixture.Store.Folder, ".models")).FullName, "x.json");
        File.WriteAllText(path, json);

        fixture.Store.Invoking(store => store.List()).Should().Throw<ModelStoreException>().WithMessage($"'{path}'*");
    }

    [Fact]
    public async Task PullAsync_LinkInTheStore_IsNotWrittenThrough()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        using var outside = new TemporaryFolder();
        Directory.CreateDirectory(fixture.Store.Folder);
        Directory.CreateSymbolicLink(Path.Combine(fixture.Store.Folder, "owner"), outside.Path);

        (await fixture.PullFailsAsync()).Should().Contain("is a link");

        Directory.GetFileSystemEntries(outside.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task PullAsync_MoreThanTheDiskHas_IsRefusedFirst()
    {
        using var fixture = new StoreFixture(("a.gguf", s_content));
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? reply : reply.Replace("300000", "99000000000000");

        await FluentActions.Awaiting(() => fixture.PullAsync()).Should().ThrowAsync<IOException>().WithMessage("There is no room*");

        fixture.Hub.FileRequests.Should().BeEmpty();
        fixture.Store.List().Should().BeEmpty();
    }

    // Sets a later time than before, whatever the resolution of the clock and the file system is.
    private static void Change(string path, byte[] content)
    {
        DateTime time = File.GetLastWriteTimeUtc(path);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, time.AddSeconds(1));
    }

    private sealed class Recorder(List<PullProgress> reports) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => reports.Add(value);
    }
}
