namespace Facula.Vision;

/// <summary>The four files of a data set of the MNIST family.</summary>
internal sealed record MnistFiles(string Name, DataFile TrainImages, DataFile TrainLabels, DataFile TestImages, DataFile TestLabels)
{
    public (Tensor Images, Tensor Labels) Load(string root, bool train, int classes, bool download, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        (DataFile imageFile, DataFile labelFile) = train ? (TrainImages, TrainLabels) : (TestImages, TestLabels);
        string imagePath = Locate(imageFile, root, download, progress, cancellation), labelPath = Locate(labelFile, root, download, progress, cancellation);
        Tensor images = IdxFile.Read(imagePath, 3), labels = IdxFile.Read(labelPath, 1);
        ImageDataset.CheckLabels(labelPath, images, labels, classes);
        return (images.Unsqueeze(1), labels);
    }

    private string Locate(DataFile file, string root, bool download, IProgress<DownloadProgress>? progress, CancellationToken cancellation) =>
        file.Find(root, Path.Combine(root, Name, "raw"))
        ?? (download
            ? Downloader.Fetch(file, root, progress, cancellation)
            : throw new FileNotFoundException($"{Name}: {file.Name} is neither in {Path.GetFullPath(root)} nor in its folder {Path.Combine(Name, "raw")}; " +
                "put it there or pass download: true.", file.Name));
}
