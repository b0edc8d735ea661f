export default function up(): Promise<{ success: boolean }> {
  return Promise.resolve({ success: true });
}
